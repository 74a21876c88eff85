// What a message says of a mail: the new words, within bounds.

import { expect, test } from 'vitest'

import { maxMessageLength, messageText } from '../../../src/mail/message-text.ts'

test.each([
  ['the new words', { replyText: ' Thank you! \n', text: 'Thank you!\n> Sent today' }, 'Thank you!'],
  ['the whole text when there are no new words', { replyText: ' \n', text: '> Sent today' }, '> Sent today'],
  ['nothing of a mail of attachments only', { replyText: '', text: '' }, ''],
  ['no NUL, which the database refuses', { replyText: 'a\0b', text: '' }, 'ab'],
])('%s', (_what, mail, expected) => {
  expect(messageText(mail)).toBe(expected)
})

test('no more than the limit of a message', () => {
  expect(messageText({ replyText: 'x'.repeat(maxMessageLength + 1), text: '' })).toHaveLength(maxMessageLength)
})
