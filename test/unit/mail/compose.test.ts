// The header of an outgoing mail: its answer finds the way back, and nothing that people write becomes a field of its
// own.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { composeThread, oneLine, type Outgoing, senderName } from '../../../src/mail/compose.ts'

const conversation = {
  uuid: '5e1f',
  accountId: 1,
  accountName: 'Acme',
  subject: 'Where is my order?',
  publicMessages: 2,
}
const outgoing: Outgoing = { conversation, parent: null, domain: 'reply.acme.example', ownSubject: null }
const compose = (changes: Partial<Outgoing> = {}, of: Partial<Outgoing['conversation']> = {}) =>
  composeThread({ ...outgoing, ...changes, conversation: { ...conversation, ...of } })
const root = 'account/1/conversation/5e1f@reply.acme.example'

describe('In-Reply-To and References', () => {
  test('without a mail to answer, have an id for the conversation', () => {
    expect(compose()).toMatchObject({ inReplyTo: root, references: [root] })
  })

  test('with one, have its references and its id', () => {
    expect(compose({ parent: { messageId: 'c@x', references: ['a@x', 'b@x'] } })).toMatchObject({
      inReplyTo: 'c@x',
      references: ['a@x', 'b@x', 'c@x'],
    })
  })

  test('each id once', () => {
    expect(compose({ parent: { messageId: 'a@x', references: ['a@x', 'b@x', 'b@x'] } }).references).toEqual([
      'a@x',
      'b@x',
    ])
  })

  test('twenty at most: the first, and the last nineteen', () => {
    const ids = Array.from({ length: 50 }, (_, index) => `${String(index)}@x`)
    const { references } = compose({ parent: { messageId: 'last@x', references: ids } })
    expect(references).toHaveLength(20)
    expect([references[0], references[1], references.at(-1)]).toEqual(['0@x', '32@x', 'last@x'])
  })

  test('contain only valid ids', () => {
    expect(
      compose({ parent: { messageId: 'c@x', references: ['a b@x', '<a@x>', 'a@x\r\nBcc: e@x', ''] } }).references,
    ).toEqual(['c@x'])
  })
})

describe('Subject', () => {
  test.each<[what: string, changes: Partial<Outgoing>, of: Partial<Outgoing['conversation']>, subject: string]>([
    ['that of the conversation, in answer', {}, {}, 'Re: Where is my order?'],
    ['as it is on the first message', {}, { publicMessages: 1 }, 'Where is my order?'],
    ['no second Re:', {}, { subject: 'RE: Order' }, 'RE: Order'],
    ['the message’s own, as it is', { ownSubject: 'Your invoice' }, {}, 'Your invoice'],
    ['a blank one does not count', { ownSubject: '  ' }, {}, 'Re: Where is my order?'],
    ['of a conversation without any', {}, { subject: null }, 'Your conversation with Acme'],
    ['of a conversation with a blank one', {}, { subject: ' ' }, 'Your conversation with Acme'],
    ['on one line', { ownSubject: 'Hello\r\nBcc: everybody@x.example' }, {}, 'Hello Bcc: everybody@x.example'],
  ])('%s', (_what, changes, of, subject) => {
    expect(compose(changes, of).subject).toBe(subject)
  })
})

describe('names', () => {
  test.each([
    [{ agent: 'Anna', business: 'Acme', style: 'friendly' }, 'Anna from Acme'],
    [{ agent: 'Anna', business: 'Acme', style: 'professional' }, 'Acme'],
    [{ agent: null, business: 'Acme', style: 'friendly' }, 'Acme'],
    [{ agent: '', business: 'Acme', style: 'friendly' }, 'Acme'],
    [{ agent: 'Anna\r\nBcc: e@x', business: 'Ac\nme', style: 'friendly' }, 'Anna Bcc: e@x from Ac me'],
  ])('%j → %s', (names, expected) => {
    expect(senderName(names)).toBe(expected)
  })
})

test('any text stays within its header field', () => {
  const nasty = fc
    .array(
      fc.oneof(fc.constantFrom('\r\n', '\n', '\r', '\0', '\t', '\u2028', '\u0085', ' '), fc.string({ maxLength: 5 })),
      { maxLength: 10 },
    )
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(nasty, nasty, fc.array(nasty, { maxLength: 4 }), (subject, id, references) => {
      const thread = compose({ ownSubject: subject, parent: { messageId: id, references } })
      for (const text of [thread.subject, ...thread.references, oneLine(subject)])
        expect(Array.from(text).every((character) => character >= ' ' && character !== '\u007f')).toBe(true)
      expect(thread.subject.length).toBeLessThanOrEqual(998)
    }),
  )
})

test('the id of a mail that is answered is safe in In-Reply-To as well', () => {
  expect(compose({ parent: { messageId: 'c@x\r\nBcc: e@x', references: [] } }).inReplyTo).toMatch(/^[^\r\n]*$/)
})
