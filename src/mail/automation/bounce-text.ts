// Bounces in free text: qmail, Exim, old sendmail, gateways. Best effort: whom it did not reach, why, and which mail
// it was. Only read once other signs have said that the mail is a bounce, so a wrong guess here never makes one.
import { readMessageId, readMessageIds } from '../header/message-id.ts'
import { readFieldValue } from '../header/split-head.ts'
import type { DeliveryReport, HeaderField } from '../parsed-mail.ts'
import { actionOf, readStatus, typedAddress } from './dsn.ts'

const maxScanned = 64 * 1024
const address = '[^\\s<>()\\[\\]",;:=]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?'

// In order of trust: fields pasted into the text, qmail's "<a@b>:", addresses alone on a line, an address behind an
// SMTP code. The first that finds anything decides.
const recipientPatterns = [
  new RegExp(`^(?:final|original)-recipient:\\s{0,5}(?:(?:rfc822|utf-8);)?\\s{0,5}<?(${address})`, 'gim'),
  new RegExp(`^\\s{0,8}<(${address})>:?\\s{0,3}$`, 'gim'),
  new RegExp(`^\\s{0,8}<(${address})>[:.]`, 'gim'),
  new RegExp(
    `\\b(?:rcpt to|recipient|address|user|account|mailbox|to)(?:\\s{0,5}[:<]|\\s{1,5})\\s{0,5}<?(${address})`,
    'gi',
  ),
  new RegExp(`^\\s{0,12}(${address})\\s{0,3}$`, 'gim'),
  new RegExp(`[45]\\d\\d.{0,80}?<(${address})>`, 'gi'),
  new RegExp(`<?(${address})>?`, 'i'),
]
const maxRecipients = 50

/**
 * The reports read from free text, one per recipient, at most 50. `known` is a Message-ID already found, or ''. Never
 * throws.
 */
export function readBounceText(
  mail: { fields: readonly HeaderField[]; subject: string; text: string },
  known: string,
): DeliveryReport[] {
  const text = mail.text.slice(0, maxScanned)
  const report = withoutReturnedMail(text)
  const recipients = failedRecipients(mail.fields, report)
  const status = readStatus(report) || statusOf(report)
  const originalMessageId = known || findMessageId(text) || answeredId(mail.fields)
  if (recipients.length === 0 && `${status}${originalMessageId}` === '') return []
  // without a word of delay in the subject it is over, whatever the code said on the way
  const action = delay.test(mail.subject) ? 'delayed' : actionOf(status.replace(/^4/, '5'))
  const diagnosticCode = diagnosticLine(report)
  return (recipients.length === 0 ? [''] : recipients).map((recipient) => ({
    recipient,
    action,
    status,
    diagnosticCode,
    originalMessageId,
  }))
}

function failedRecipients(fields: readonly HeaderField[], report: string): string[] {
  const named = (readFieldValue(fields, 'x-failed-recipients') ?? '').split(',', maxRecipients).map(typedAddress)
  const given = named.filter((recipient) => recipient !== '')
  return given.length > 0 ? given : findRecipients(report)
}

const delay =
  /delay|still (?:trying|being retried)|will (?:keep|continue) trying|warning: |verzögert|retard|not yet been delivered/i

function answeredId(fields: readonly HeaderField[]): string {
  return readMessageIds(readFieldValue(fields, 'in-reply-to') ?? '')[0] ?? ''
}

// Phrases above the copy of the returned mail.
function withoutReturnedMail(text: string): string {
  const copy =
    /^(?:-{2,}.{0,60}(?:copy of|original message|undelivered message|returned message|your message|headers|bounced e-?mail).{0,60}|^bounced e-?mail:\s{0,5}|(?:received|return-path): .{0,300})$/im.exec(
      text,
    )
  return copy && copy.index > 40 ? text.slice(0, copy.index) : text
}

function findRecipients(text: string): string[] {
  for (const pattern of recipientPatterns) {
    const matches = pattern.global ? [...text.matchAll(pattern)] : [pattern.exec(text)]
    const found = matches
      .map((match) => match?.[1] ?? '')
      .filter((recipient) => recipient !== '' && !/^(?:mailer-daemon|postmaster)@/i.test(recipient))
    if (found.length > 0) return [...new Set(found)].slice(0, maxRecipients)
  }
  return []
}

/** The first Message-ID line in running text, '' when there is none. Never throws. */
export function findMessageId(text: string): string {
  const line = /^[>\s]{0,8}message-id:\s{0,10}(?:\r?\n\s{1,10})?(<?[^\s<>]{3,20000}>?)/im.exec(text)?.[1]
  return readMessageId(line ?? null) ?? ''
}

function diagnosticLine(text: string): string {
  const line = /^.{0,200}(?<!\d)[45]\d\d[ -].{0,400}$/m.exec(text)?.[0] ?? reasonLine(text)
  return line.trim()
}

// The usual reasons in words, with the status that says the same (RFC 3463 §3.3, §3.4, §3.8).
const reasons: readonly [words: RegExp, status: string][] = [
  [
    /(?:mailbox|quota|inbox|postfach|boîte|buzón|casella)\b.{0,40}\b(?:full|exceed\w*|over|voll|pleine|lleno|piena)|over ?quota|(?:exceed\w*|over)\b.{0,30}\b(?:quota|storage|allowed size)/i,
    '5.2.2',
  ],
  [
    /(?:no such|unknown|invalid|nonexistent)\b.{0,20}\b(?:user|mailbox|recipient|address|account|person)|(?:user|mailbox|recipient|address|account)\b.{0,40}\b(?:unknown|does not exist|doesn.t exist|not found|no longer (?:valid|exists|in use))|\bnot listed in (?:domino|public name)/i,
    '5.1.1',
  ],
  [/(?:host|domain)\b.{0,30}\b(?:unknown|not found|does not exist)|unrouteable|no route to host/i, '5.1.2'],
  [/(?:mailbox|account|user)\b.{0,30}\b(?:disabled|inactive|suspended|deactivated)/i, '5.2.1'],
  [/(?:message|mail)\b.{0,30}\b(?:too (?:large|big)|exceeds .{0,20}size)/i, '5.3.4'],
  [
    /(?:considered|classified|detected|rejected)\b.{0,20}\b(?:as )?spam|blocked by\b.{0,40}\b(?:list|filter|policy|firewall)/i,
    '5.7.1',
  ],
]
const maxReasonLines = 400

function reasonLine(text: string): string {
  const lines = text.split('\n', maxReasonLines)
  return (lines.find((line) => reasons.some(([words]) => words.test(line.slice(0, 400)))) ?? '').slice(0, 400)
}

function statusOf(text: string): string {
  const line = reasonLine(text)
  return line === '' ? '' : (reasons.find(([words]) => words.test(line))?.[1] ?? '')
}
