// Bounces in free text: qmail, Exim, old sendmail, gateways. Best effort: whom it did not reach, why, and which mail
// it was. Only read once other signs have said that the mail is a bounce, so a wrong guess here never makes one.
import { readMessageId, readMessageIds } from '../header/message-id.ts'
import { readFieldValue } from '../header/split-head.ts'
import type { DeliveryReport, HeaderField } from '../parsed-mail.ts'
import { actionOf, readStatus, typedAddress } from './dsn.ts'

const maxScanned = 64 * 1024
const address = '[^\\s<>()\\[\\]",;:=]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?'

// In order of trust: fields pasted into the text, qmail's "<a@b>:", addresses alone on a line, an address behind an
// SMTP code.
const recipientPatterns = [
  new RegExp(`^(?:final|original)-recipient:\\s{0,5}(?:rfc822;)?\\s{0,5}<?(${address})`, 'im'),
  new RegExp(`^\\s{0,8}<(${address})>:?\\s{0,3}$`, 'im'),
  new RegExp(`^\\s{0,8}<(${address})>[:.]`, 'im'),
  new RegExp(`(?:rcpt to|recipient|address|user|account|mailbox|to)\\s{0,5}:?\\s{0,5}<?(${address})`, 'i'),
  new RegExp(`^\\s{0,12}(${address})\\s{0,3}$`, 'im'),
  new RegExp(`[45]\\d\\d.{0,80}?<(${address})>`, 'i'),
  new RegExp(`<?(${address})>?`, 'i'),
]

/** At most one report read from free text. `known` is a Message-ID already found, or ''. Never throws. */
export function readBounceText(
  mail: { fields: readonly HeaderField[]; subject: string; text: string },
  known: string,
): DeliveryReport[] {
  const text = mail.text.slice(0, maxScanned)
  const report = withoutReturnedMail(text)
  const failed = typedAddress((readFieldValue(mail.fields, 'x-failed-recipients') ?? '').split(',')[0] ?? '')
  const recipient = failed || firstRecipient(report)
  const status = readStatus(report)
  const originalMessageId = known || findMessageId(text) || answeredId(mail.fields)
  if (`${recipient}${status}${originalMessageId}` === '') return []
  // without a word of delay in the subject it is over, whatever the code said on the way
  const action = delay.test(mail.subject) ? 'delayed' : actionOf(status.replace(/^4/, '5'))
  return [{ recipient, action, status, diagnosticCode: diagnosticLine(report), originalMessageId }]
}

const delay =
  /delay|still (?:trying|being retried)|will (?:keep|continue) trying|warning: |verzögert|retard|not yet been delivered/i

function answeredId(fields: readonly HeaderField[]): string {
  return readMessageIds(readFieldValue(fields, 'in-reply-to') ?? '')[0] ?? ''
}

// Phrases above the copy of the returned mail.
function withoutReturnedMail(text: string): string {
  const copy =
    /^(?:-{2,}.{0,60}(?:copy of|original message|undelivered message|returned message|your message|headers).{0,60}|(?:received|return-path): .{0,300})$/im.exec(
      text,
    )
  return copy && copy.index > 40 ? text.slice(0, copy.index) : text
}

function firstRecipient(text: string): string {
  for (const pattern of recipientPatterns) {
    const found = pattern.exec(text)?.[1]
    if (found !== undefined && !/^(?:mailer-daemon|postmaster)@/i.test(found)) return found
  }
  return ''
}

/** The first Message-ID line in running text, '' when there is none. Never throws. */
export function findMessageId(text: string): string {
  const line = /^[>\s]{0,8}message-id:\s{0,10}(?:\r?\n\s{1,10})?(<?[^\s<>]{3,20000}>?)/im.exec(text)?.[1]
  return readMessageId(line ?? null) ?? ''
}

function diagnosticLine(text: string): string {
  const line = /^.{0,200}(?<!\d)[45]\d\d[ -].{0,400}$/m.exec(text)?.[0] ?? ''
  return line.trim()
}
