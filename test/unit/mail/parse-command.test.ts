import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { run } from '../../../src/cli/parse.ts'

const folder = mkdtempSync(join(tmpdir(), 'parse-'))
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
let lines: string[] = []
let errors: string[] = []

beforeEach(() => {
  lines = []
  errors = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text: unknown, done?: unknown) => {
    lines.push(String(text))
    if (typeof done === 'function') (done as () => void)()
    return true
  })
  vi.spyOn(console, 'error').mockImplementation((text: unknown) => void errors.push(String(text)))
})
afterEach(() => void vi.restoreAllMocks())

test('a line has the documented keys, in order', async () => {
  const path = file('a.eml', 'From: Ann <ann@customer.example>\nContent-Type: application/pdf\n\nx')
  expect(await run([path])).toBe(0)
  const line = JSON.parse(lines.join('')) as Record<string, unknown>
  expect(Object.keys(line)).toEqual([
    'file',
    'messageId',
    'inReplyTo',
    'references',
    'from',
    'replyTo',
    'to',
    'cc',
    'subject',
    'date',
    'text',
    'html',
    'replyText',
    'automation',
    'deliveries',
    'attachments',
    'degraded',
  ])
  expect(line).toMatchObject({
    file: path,
    messageId: null,
    from: { name: 'Ann', address: 'ann@customer.example' },
    date: null,
    html: null,
    automation: 'person',
  })
  expect(Object.keys((line['attachments'] as object[])[0] ?? {})).toEqual([
    'filename',
    'contentType',
    'size',
    'sha256',
    'contentId',
    'inline',
  ])
})

test('a mail without an author has an empty one', async () => {
  await run([file('b.eml', 'Subject: x\n\n')])
  expect(JSON.parse(lines.join(''))).toMatchObject({ from: { name: '', address: '' } })
})

test('a missing file is reported and ends with 66, the other files are printed', async () => {
  expect(await run([join(folder, 'missing.eml'), file('c.eml', 'Subject: c\n\n'), file('d.eml', '')])).toBe(66)
  expect(lines).toHaveLength(2)
  expect(errors.join('')).toContain('missing.eml')
})

test('without a file it prints its usage', async () => {
  expect(await run([])).toBe(64)
  expect(errors.join('')).toContain('usage')
})
