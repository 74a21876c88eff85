// Mails that a mail has as files: message/rfc822 (RFC 2046 §5.2.1), and .eml files that a client sends without their
// type.

import { messageText } from '../message-text.ts'
import type { ParsedAttachment, ParsedMail } from '../parsed-mail.ts'
import { withoutThread } from './forwarded.ts'

/** In their order. Never throws. */
export function findAttachedMails({ attachments }: Pick<ParsedMail, 'attachments'>): ParsedAttachment[] {
  return attachments.filter(
    ({ contentType, filename }) =>
      /^message\/(?:rfc822|global)$/.test(contentType) ||
      (contentType === 'application/octet-stream' && /\.eml$/i.test(filename)),
  )
}

/**
 * A mail that another forwards as its file, with the other files of the outer one; the file itself too if it could be
 * read only in part. Its recipients and its thread are not used, as of a mail that is forwarded in the text. Never
 * throws.
 */
export function attachedMail(outer: ParsedMail, file: ParsedAttachment, inner: ParsedMail): ParsedMail {
  const others = outer.attachments.filter((one) => one !== file && !one.inline)
  return {
    ...withoutThread(outer),
    from: inner.from,
    subject: inner.subject,
    date: inner.date,
    text: inner.text,
    html: inner.html,
    replyText: messageText(inner),
    attachments: [...inner.attachments, ...others, ...(inner.degraded === null ? [] : [file])],
    degraded: inner.degraded,
  }
}
