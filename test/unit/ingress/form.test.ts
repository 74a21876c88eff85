// Forms as bytes: what was put in comes out, in both codings; a form that is broken is malformed, never half a form.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { readForm } from '../../../src/ingress/reading/form.ts'

const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
const urlencoded = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
const multipart = { 'content-type': 'multipart/form-data; boundary="b ?"' }
const percent = (bytes: Uint8Array) => [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
const part = (head: string, bytes: Uint8Array) =>
  Buffer.concat([Buffer.from(`--b ?\r\nContent-Disposition: form-data; ${head}\r\n\r\n`), bytes, Buffer.from('\r\n')])
const end = Buffer.from('--b ?--\r\n')

describe('every byte arrives as it was sent', () => {
  test('in a urlencoded field, percent-encoded or literal', async () => {
    const form = await readForm(
      Buffer.concat([Buffer.from(`a=${percent(all)}&b=`), Buffer.from('x\xff\x80\0y', 'latin1')]),
      urlencoded,
    )
    expect(form.last('a')?.equals(all)).toBe(true)
    expect(form.last('b')?.toString('latin1')).toBe('x\xff\x80\0y')
  })

  test.each([
    'name="a"',
    'name="a"\r\nContent-Type: text/plain; charset=utf-8',
    'name="a"; filename="x.eml"\r\nContent-Type: message/rfc822',
    'name="a"\r\nContent-Transfer-Encoding: 8bit',
  ])('in a multipart field that says %j', async (head) => {
    const form = await readForm(Buffer.concat([part(head, all), end]), multipart)
    expect(form.last('a')?.equals(all)).toBe(true)
  })

  test('in any field of any bytes, in both encodings', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        expect(
          (await readForm(Buffer.from(`a=${percent(bytes)}`), urlencoded)).last('a')?.equals(Buffer.from(bytes)),
        ).toBe(true)
        if (Buffer.from(bytes).includes('--b ?')) return
        expect(
          (await readForm(Buffer.concat([part('name="a"', bytes), end]), multipart))
            .last('a')
            ?.equals(Buffer.from(bytes)),
        ).toBe(true)
      }),
    )
  })
})

test('urlencoded is decoded as by browsers (WHATWG URL §5.1)', async () => {
  const form = await readForm(Buffer.from('a+b=c+d%2B&=x&&e&f=%zz%4&g=1&g=2&%C3%BC=%c3%bc'), urlencoded)
  expect(form.parts.map(({ name, bytes }) => [name, bytes.toString()])).toEqual([
    ['a b', 'c d+'],
    ['', 'x'],
    ['e', ''],
    ['f', '%zz%4'],
    ['g', '1'],
    ['g', '2'],
    ['ü', 'ü'],
  ])
  expect(form.text('g')).toBe('2')
  expect(form.all('g')).toHaveLength(2)
  expect(form.text('nothing')).toBeNull()
})

test.each<[what: string, body: Buffer, headers: Record<string, string>]>([
  ['a form that ends in the middle of a part', part('name="a"', all).subarray(0, 120), multipart],
  ['a form that ends before its last boundary', part('name="a"', all), multipart],
  ['a multipart form without a boundary', end, { 'content-type': 'multipart/form-data' }],
  ['another media type', Buffer.from('a=b'), { 'content-type': 'application/json' }],
  ['no media type', Buffer.from('a=b'), {}],
  ['fields without end', Buffer.from('a&'.repeat(6_000)), urlencoded],
  [
    'parts without end',
    Buffer.concat([...Array.from({ length: 5_100 }, () => part('name="a"', Buffer.from('x'))), end]),
    multipart,
  ],
])('%s is malformed', async (_what, body, headers) => {
  await expect(readForm(body, headers)).rejects.toMatchObject({ kind: 'malformed' })
})

test('a field of 9 MB is complete, in either encoding', async () => {
  const large = Buffer.alloc(9_000_000, 'x\r\n')
  expect((await readForm(Buffer.concat([part('name="a"', large), end]), multipart)).last('a')?.equals(large)).toBe(true)
  const escaped = Buffer.concat([Buffer.from('a='), Buffer.alloc(21_000_000, 'x%0D%0A')])
  expect((await readForm(escaped, urlencoded)).last('a')?.equals(large)).toBe(true)
})
