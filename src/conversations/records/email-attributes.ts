// content_attributes of a message that came by mail, key for key as Chatwoot's clients read them. Their names mislead:
// `reply` is the whole text, `quoted` the trimmed one. Repeated texts are stored once, and read back whole.

import type { Marks } from '../../contracts/decision.ts'
import { boundSubject } from '../../mail/bounds.ts'
import { readAuthor } from '../../mail/header/address-list.ts'
import type { CalendarEvent, CalendarTime, Mailbox, ParsedMail } from '../../mail/parsed-mail.ts'
import { maskReplyAddresses } from '../../mail/reply-address.ts'

/** Longer bodies are cut here; the raw mail is whole. */
const maxBody = 150_000
const storedHeaders = ['x-original-from', 'x-original-sender', 'x-forwarded-for']

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
    html_content: mail.html === null ? {} : { full: cut(mail.html) },
    in_reply_to: mail.inReplyTo[0] ?? null,
    message_id: mail.messageId,
    multipart: /^multipart\//i.test(contentType ?? ''),
    number_of_attachments: mail.attachments.length,
    references: mail.references,
    subject: boundSubject(mail.subject),
    text_content: { full: cut(mail.text), quoted: cut(mail.replyText) },
    to: addresses(mail.to),
    auto_reply: marks.autoReply,
    ...ownFields(mail),
  }
  return {
    email,
    cc_email: email.cc,
    bcc_email: email.bcc,
    ...(mail.degraded === null ? {} : { degraded: mail.degraded }),
    ...(mail.signed === undefined ? {} : { signature: mail.signed }),
  }
}

/**
 * Attributes as they were stored → as clients read them: every key, in Chatwoot's order. Others than a mail's stay as
 * they are. Never throws.
 */
export function readEmailAttributes(attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const email = attributes['email']
  if (!isRecord(email) || !isRecord(email['text_content']) || !isRecord(email['html_content'])) return { ...attributes }
  const { full = '', quoted = '' } = email['text_content']
  const html = email['html_content']
  const whole: Record<string, unknown> = {
    ...email,
    text_content: { full, reply: full, quoted },
    html_content: 'full' in html ? { full: html['full'], reply: full, quoted } : {},
  }
  return maskDeep({
    ...attributes,
    email: Object.fromEntries(emailKeys.filter((key) => key in whole).map((key) => [key, whole[key]])),
  }) as Record<string, unknown>
}

// Mails that were stored before addresses were masked.
function maskDeep(value: unknown): unknown {
  if (typeof value === 'string') return maskReplyAddresses(value)
  if (Array.isArray(value)) return value.map(maskDeep)
  return isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, maskDeep(inner)]))
    : value
}

const emailKeys = [
  'bcc',
  'cc',
  'content_type',
  'date',
  'from',
  'headers',
  'html_content',
  'in_reply_to',
  'message_id',
  'multipart',
  'number_of_attachments',
  'references',
  'subject',
  'text_content',
  'to',
  'auto_reply',
  'calendar',
  'reply_to',
]

// Beside Chatwoot's fields, where the mail has them.
function ownFields({ calendar, replyTo }: ParsedMail): Record<string, unknown> {
  return {
    ...(calendar === undefined ? {} : { calendar: calendarAttributes(calendar) }),
    ...(replyTo.length === 0 ? {} : { reply_to: addresses(replyTo) }),
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function calendarAttributes({ start, end, organizer, attendees, ...event }: CalendarEvent): Record<string, unknown> {
  const timeOf = (time: CalendarTime | null) => (time === null ? null : { at: time.at, time_zone: time.zone })
  const mailboxOf = ({ name, address }: Mailbox) => ({ name, email: address })
  return {
    method: event.method,
    answer: event.answer,
    uid: event.uid,
    summary: event.summary,
    start: timeOf(start),
    end: timeOf(end),
    location: event.location,
    description: cut(event.description),
    comment: cut(event.comment),
    organizer: organizer === null ? null : mailboxOf(organizer),
    attendees: attendees.map((attendee) => ({ ...mailboxOf(attendee), answer: attendee.answer })),
  }
}

function addresses(mailboxes: readonly Mailbox[]): string[] {
  return mailboxes.map((mailbox) => mailbox.address)
}

function cut(text: string): string {
  return text.slice(0, maxBody)
}

function extraHeaders(mail: ParsedMail): Record<string, string> | null {
  const names = isOtherThanFrom(mail) ? [...storedHeaders, 'from'] : storedHeaders
  const found = mail.headers
    .filter((field) => names.includes(field.name))
    .map((field) => [field.name, field.value] as const)
  return found.length === 0 ? null : Object.fromEntries(found)
}

function isOtherThanFrom({ headers, from }: ParsedMail): boolean {
  const field = headers.find(({ name }) => name === 'from')
  return field !== undefined && from !== null && readAuthor(field.value)?.address !== from.address
}
