// Uploads that are broken: refused, and nothing else happens.

import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

import { expect, test } from 'vitest'

import { strangerBounds } from '../../../src/api/request/bounds.ts'
import { readForm } from '../../../src/api/request/multipart.ts'

const request = (body: string) =>
  Object.assign(Readable.from([Buffer.from(body)]), {
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
  }) as unknown as IncomingMessage
const rule = {
  maxBytes: 1_000,
  takesFiles: true,
  bodyBudget: { take: () => undefined, taken: () => 0, release: () => undefined },
  bounds: strangerBounds,
}
const file = '--b\r\nContent-Disposition: form-data; name="attachments[]"; filename="a.txt"\r\n\r\nhello'

test('a form that ends in the middle of a file is malformed, and does not crash the process', async () => {
  await expect(readForm(request(file), rule)).rejects.toMatchObject({ kind: 'malformed' })
  // Its stream says so a turn later than the form.
  await new Promise((resolve) => setImmediate(resolve))
})

test('a complete one is read', async () => {
  const { files } = await readForm(request(`${file}\r\n--b--\r\n`), rule)
  expect(files.map(({ filename, bytes }) => [filename, bytes.toString()])).toEqual([['a.txt', 'hello']])
})
