// The message text of a mail: its new words, within the limit of a message (150,000 characters, as in Chatwoot); and
// the test whether two mails with one Message-ID are the same.

import { createHash } from 'node:crypto'

import type { ParsedMail } from './parsed-mail.ts'

export const maxMessageLength = 150_000

/** The new words; the whole text when there are none; '' for a mail of attachments only. Never throws. */
export function messageText(mail: Pick<ParsedMail, 'replyText' | 'text'>): string {
  const words = mail.replyText.trim() === '' ? mail.text : mail.replyText
  return words.replaceAll('\0', '').trim().slice(0, maxMessageLength).toWellFormed()
}

/** 32 hex digits, equal for mails of one sender with the same words and files. Never throws. */
export function digestMail(mail: Pick<ParsedMail, 'replyText' | 'text' | 'from' | 'attachments'>): string {
  const files = mail.attachments.map((attachment) => attachment.sha256).sort()
  return createHash('sha256')
    .update([mail.from?.address.toLowerCase() ?? '', messageText(mail), ...files].join('\0'))
    .digest('hex')
    .slice(0, 32)
}
