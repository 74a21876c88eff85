// What a message in a conversation says of a mail: its new words, within what a message may hold (reference: Chatwoot, 150,000 characters).

import type { ParsedMail } from './parsed-mail.ts'

export const maxMessageLength = 150_000

/** The new words; the whole text when there are none; '' for a mail of attachments only. Never throws. */
export function messageText(mail: Pick<ParsedMail, 'replyText' | 'text'>): string {
  const words = mail.replyText.trim() === '' ? mail.text : mail.replyText
  return words.replaceAll('\0', '').trim().slice(0, maxMessageLength).toWellFormed()
}
