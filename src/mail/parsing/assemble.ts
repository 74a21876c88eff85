// Header fields and decoded content → ParsedMail: addresses, ids, date, text, the new words, attachments, and who or
// what wrote it (RFC 5322 §3.6). Pure judgement on plain values; `parse` feeds it from each rung of its ladder.
import { classifyMail } from '../automation/judge.ts'
import { readMailboxes } from '../header/address-list.ts'
import { readAuthorOf } from '../header/author-of.ts'
import { readDate } from '../header/date.ts'
import { decodeEncodedWords } from '../header/encoded-words.ts'
import { readMessageId, readMessageIds } from '../header/message-id.ts'
import { readFieldValue, readFieldValues } from '../header/split-head.ts'
import { htmlToText, maxHtmlLength } from '../html/to-text.ts'
import type { RawAttachment } from '../mime/attachments.ts'
import { readAttachments } from '../mime/attachments.ts'
import { readCalendar } from '../mime/calendar.ts'
import { calendarWords } from '../mime/calendar-words.ts'
import type { RepairedMail } from '../mime/raw-repair.ts'
import type { CalendarEvent, HeaderField, Mailbox, ParsedMail } from '../parsed-mail.ts'
import { findReplyText } from '../reply-text/find-reply-text.ts'
import { findWords } from './find-words.ts'

export interface ParseOptions {
  /** MAIL FROM as received by the ingress: '' for the null reverse-path, null or missing when unknown. */
  readonly reversePath?: string | null
}

/** The result of one rung of the ladder. */
export interface MailContent {
  readonly text: string | null
  readonly html: string | null
  readonly attachments: readonly RawAttachment[]
  readonly degraded: string | null
}

// RFC 5322 §3.6: at most once each
const singletons = [
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'bcc',
  'message-id',
  'in-reply-to',
  'references',
  'subject',
  'date',
]

/** A whole ParsedMail from what could be read. Never throws. */
export function assembleMail(mail: RepairedMail, content: MailContent, options: ParseOptions): ParsedMail {
  const { fields } = mail.head
  const readable = readWords(content)
  const calendar = readCalendar(content.attachments)
  const words = readable.text.trim() === '' ? { ...readable, ...wordsInstead(mail, calendar, readable.html) } : readable
  const doubledHeaders = singletons.filter((name) => readFieldValues(fields, name).length > 1)
  const subject = decodeEncodedWords(readFieldValue(fields, 'subject') ?? '')
    .replace(/[\p{Cc}]/gu, ' ')
    .trim()
  const attachments = readAttachments(content.attachments, words.html)
  const automation = classifyMail({
    fields,
    subject,
    text: words.text,
    attachments,
    reversePath: options.reversePath ?? null,
  })
  return {
    headers: fields,
    messageId: readMessageId(readFieldValue(fields, 'message-id')),
    inReplyTo: idsOf(fields, 'in-reply-to'),
    references: idsOf(fields, 'references'),
    from: readAuthorOf(fields),
    doubledHeaders,
    replyTo: mailboxesOf(fields, 'reply-to'),
    to: mailboxesOf(fields, 'to'),
    cc: mailboxesOf(fields, 'cc'),
    bcc: mailboxesOf(fields, 'bcc'),
    subject,
    date: readDate(readFieldValue(fields, 'date')),
    text: words.text,
    html: words.html,
    replyText: findReplyText(words, { subject }),
    ...automation,
    attachments,
    degraded: degradedReason(mail, content, words),
    ...(calendar === null ? {} : { calendar }),
    ...(mail.envelope === 'signed' ? { signed: 'not-checked' as const } : {}),
  }
}

const closedEnvelopes = {
  encrypted: 'the mail is encrypted: its words cannot be read here',
  unreadable: 'the S/MIME envelope around the content could not be opened; it is among the files',
} as const

// What stands where the words would be.
function wordsInstead(
  mail: RepairedMail,
  calendar: CalendarEvent | null,
  html: string | null,
): Pick<Words, 'text' | 'note'> | null {
  if (mail.envelope === 'encrypted') return { text: '[This mail is encrypted.]', note: null }
  return calendar === null ? findWords(mail, html) : { text: calendarWords(calendar), note: null }
}

interface Words {
  readonly text: string
  readonly html: string | null
  readonly hadNul: boolean
  /** The text is only of the first part of the HTML. */
  readonly truncated: boolean
  /** Why the words may be read wrongly, or null. */
  readonly note: string | null
}

// seen: NUL bytes, which PostgreSQL text refuses
function readWords(content: MailContent): Words {
  const html = (content.html ?? '').replaceAll('\0', '')
  const own = (content.text ?? '').replaceAll('\0', '')
  const isFromHtml = own.trim() === '' && html !== ''
  const text = isFromHtml ? htmlToText(html).text : own
  const hadNul = (content.html ?? '').includes('\0') || (content.text ?? '').includes('\0')
  const truncated = isFromHtml && html.length > maxHtmlLength
  return { text, html: html === '' ? null : html, hadNul, truncated, note: null }
}

function envelopeNote({ envelope }: RepairedMail): string | null {
  return envelope === 'encrypted' || envelope === 'unreadable' ? closedEnvelopes[envelope] : null
}

function degradedReason(mail: RepairedMail, content: MailContent, words: Words): string | null {
  const note = content.degraded ?? envelopeNote(mail) ?? mail.note ?? words.note
  if (note !== null) return note
  if (mail.head.truncated) return 'the head is larger than 256 KB; fields beyond are left out'
  if (mail.limited.truncated) return 'the text is longer than 4 MB or 100,000 lines; the rest is in the original'
  if (words.truncated) return 'the text is longer than 1 MB of HTML; the rest is in the original'
  return words.hadNul ? 'NUL bytes were taken out of the text' : null
}

function idsOf(fields: readonly HeaderField[], name: string): string[] {
  return [...new Set(readFieldValues(fields, name).flatMap(readMessageIds))]
}

function mailboxesOf(fields: readonly HeaderField[], name: string): Mailbox[] {
  return readFieldValues(fields, name).flatMap(readMailboxes)
}
