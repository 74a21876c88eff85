import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatMessageId, readMessageId, readMessageIds } from '../../../src/mail/message-id.ts'

describe('ids are read however they were written', () => {
  test.each([
    ['<a@b>', ['a@b']],
    ['<a@b><c@d>', ['a@b', 'c@d']],
    ['<a@b>\t<c@d>, <a@b>', ['a@b', 'c@d']],
    ['a@b c@d', ['a@b', 'c@d']],
    ['Your message of Monday <a@b>', ['a@b']],
    ['<a\r\n @b>', ['a@b']],
    ['<a@b', ['a@b']],
    ['=?utf-8?Q?=3Ca=40b=3E?=', ['a@b']],
    ['no id here', []],
    ['<>', []],
  ])('%s', (value, ids) => {
    expect(readMessageIds(value)).toEqual(ids)
  })
})

test('a Message-ID without brackets or @ counts as it stands', () => {
  expect(readMessageId('abc123')).toBe('abc123')
  expect(readMessageId('two words')).toBeNull()
  expect(readMessageId('')).toBeNull()
  expect(readMessageId(null)).toBeNull()
})

test('what is written is read back', () => {
  const id = fc.stringMatching(/^[!#-;=?A-Za-z0-9._-]{1,60}@[a-z0-9.-]{1,40}$/).filter((text) => !text.includes('=?') && !text.startsWith('"'))
  fc.assert(
    fc.property(id, (text) => {
      expect(readMessageIds(formatMessageId(text))).toEqual([text])
    }),
  )
})

test('five hundred ids at most come from one field', () => {
  expect(readMessageIds(Array.from({ length: 2000 }, (_, i) => `<${String(i)}@b>`).join(' '))).toHaveLength(500)
})

test('any text is answered', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void [readMessageIds(text), readMessageId(text)]))
})
