import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { findMessageId } from '../../../src/mail/automation/bounce-text.ts'
import {
  formatMessageId,
  formatOwnMessageId,
  readMessageId,
  readMessageIds,
  readOwnMessageId,
} from '../../../src/mail/header/message-id.ts'

describe('ids are read in any form', () => {
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

test('a Message-ID without brackets or @ is kept literally', () => {
  expect(readMessageId('abc123')).toBe('abc123')
  expect(readMessageId('two words')).toBeNull()
  expect(readMessageId('')).toBeNull()
  expect(readMessageId(null)).toBeNull()
})

test('a written value is read back', () => {
  const id = fc
    .stringMatching(/^[!#-;=?A-Za-z0-9._-]{1,60}@[a-z0-9.-]{1,40}$/)
    .filter((text) => !text.includes('=?') && !text.startsWith('"'))
  fc.assert(
    fc.property(id, (text) => {
      expect(readMessageIds(formatMessageId(text))).toEqual([text])
    }),
  )
})

test('five hundred ids at most come from one field', () => {
  expect(readMessageIds(Array.from({ length: 2000 }, (_, i) => `<${String(i)}@b>`).join(' '))).toHaveLength(500)
})

describe('an id of more than 600 octets', () => {
  const long = (letter: string) => `${letter.repeat(301)}@customer.example`
  const standIn = /^sha256-[0-9a-f]{64}@long-id$/

  test('has the same substitute in every field, however it is folded', () => {
    const id = readMessageId(`<${long('é')}>`)
    expect(id).toMatch(standIn)
    expect(readMessageIds(`<a@b> <${'é'.repeat(100)}\r\n ${'é'.repeat(201)}@customer.example>`)).toEqual(['a@b', id])
    expect(readMessageIds(long('é'))).toEqual([id])
    expect(readMessageIds(`<${id ?? ''}>`)).toEqual([id])
  })

  test('has another substitute for another id, also without an "@"', () => {
    expect(readMessageId('x'.repeat(5000))).toMatch(standIn)
    expect(readMessageId('x'.repeat(5000))).not.toBe(readMessageId('x'.repeat(5001)))
  })

  test("has the substitute in a bounce's free text, too", () => {
    expect(findMessageId(`Sorry.\n\nMessage-ID: <${long('éa')}>\n`)).toBe(readMessageId(`<${long('éa')}>`))
  })

  test('of 600 octets stays as it is', () => {
    const id = `${'x'.repeat(598)}@b`
    expect(readMessageId(`<${id}>`)).toBe(id)
  })
})

test('no control character is left in an id', () => {
  expect(readMessageIds('<a\0\x01\x7f\u0085@b> <\x01>')).toEqual(['a@b'])
  expect(readMessageIds('=?utf-8?q?=3Ca=00b=40c=3E?=')).toEqual(['ab@c'])
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const id of [...readMessageIds(`<${text}@b>`), readMessageId(text) ?? 'x'])
        expect(id).not.toMatch(/\p{Cc}|^$/u)
    }),
  )
})

test('any text has a result', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void [readMessageIds(text), readMessageId(text)]))
})

test('only a Message-ID of Rethread names its message', () => {
  const uuid = '5b0e6a52-7c9d-4a39-8a8e-0d6f3c1f2b11'
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.domain(), (messageId, domain) => {
      const mark = '0123456789abcdef'.repeat(2)
      expect(readOwnMessageId(formatOwnMessageId({ uuid, messageId, mark, domain }))).toEqual({ uuid, messageId, mark })
      const old = `conversation/${uuid}/messages/${String(messageId)}@${domain}`
      expect(readOwnMessageId(old)).toEqual({ uuid, messageId, mark: null })
    }),
  )
  for (const id of [
    `conversation/${uuid}/messages/2147483648@a`,
    `conversation/${uuid}/messages/@a`,
    `account/1/conversation/${uuid}@a`,
    `x-conversation/${uuid}/messages/1@a`,
    `conversation/${uuid}/messages/1/abc@a`,
    'a@b',
  ])
    expect(readOwnMessageId(id)).toBeNull()
})
