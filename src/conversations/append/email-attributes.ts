// content_attributes of a message that came by mail, key for key as Chatwoot's clients read them (reference: Chatwoot §1.5).
// Their names mislead: `reply` is the whole text, `quoted` the trimmed one.

import type { Mailbox, ParsedMail } from '../../mail/parsed-mail.ts'
import type { Marks } from './append-order.ts'

/** Longer bodies are cut here; the raw mail is whole. */
const maxBody = 150_000
const keptHeaders = ['x-original-from', 'x-original-sender', 'x-forwarded-for']

/** `{ email, cc_email, bcc_email }`. Never throws. */
export function emailAttributes(mail: ParsedMail, marks: Marks): Record<string, unknown> {
  const contentType = mail.headers.find((field) => field.name === 'content-type')?.value ?? null
  const email = {
    bcc: addresses(mail.bcc),
    cc: addresses(mail.cc),
    content_type: contentType,
    date: mail.date,
    from: mail.from === null ? [] : [mail.from.address],
    headers: extraHeaders(mail),
    html_content: mail.html === null ? {} : { full: cut(mail.html), reply: cut(mail.text), quoted: cut(mail.replyText) },
    in_reply_to: mail.inReplyTo[0] ?? null,
    message_id: mail.messageId,
    multipart: /^multipart\//i.test(contentType ?? ''),
    number_of_attachments: mail.attachments.length,
    references: mail.references,
    subject: mail.subject,
    text_content: { full: cut(mail.text), reply: cut(mail.text), quoted: cut(mail.replyText) },
    to: addresses(mail.to),
    auto_reply: marks.autoReply,
  }
  return { email, cc_email: email.cc, bcc_email: email.bcc, ...(mail.degraded === null ? {} : { degraded: mail.degraded }) }
}

function addresses(mailboxes: readonly Mailbox[]): string[] {
  return mailboxes.map((mailbox) => mailbox.address)
}

function cut(text: string): string {
  return text.slice(0, maxBody)
}

function extraHeaders(mail: ParsedMail): Record<string, string> | null {
  const found = mail.headers.filter((field) => keptHeaders.includes(field.name)).map((field) => [field.name, field.value] as const)
  return found.length === 0 ? null : Object.fromEntries(found)
}
