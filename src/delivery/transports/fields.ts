// The parts of a mail for providers that take fields in place of a raw message. Such a provider mails every address in
// the fields, so they name only the recipients of the envelope: not those who have the mail already or are suppressed.

import { addressKey } from '../../mail/address.ts'
import { oneLine } from '../../mail/compose.ts'
import type { OutgoingMail } from '../transport.ts'

export interface Recipients {
  /** At least one. */
  readonly to: readonly string[]
  readonly cc: readonly string[]
  readonly bcc: readonly string[]
}

/** The recipients of the envelope, as the mail shows them. Never throws. */
export function recipientsOf({ envelope, to, cc }: OutgoingMail): Recipients {
  const due = new Set(envelope.to.map(addressKey))
  const isDue = (email: string): boolean => due.has(addressKey(email))
  const shown = new Set([...to, ...cc].map(addressKey))
  const bcc = envelope.to.filter((email) => !shown.has(addressKey(email)))
  const [first, second] = [to.filter(isDue), cc.filter(isDue)]
  if (first.length > 0) return { to: first, cc: second, bcc }
  if (second.length > 0) return { to: second, cc: [], bcc }
  // Of several blind recipients each may see only itself.
  return { to: bcc.slice(0, 1), cc: [], bcc: bcc.slice(1) }
}

/** Header fields that providers take as given. Never throws. */
export function headersOf(mail: OutgoingMail): Record<string, string> {
  return {
    'Message-ID': `<${mail.messageId}>`,
    ...(mail.inReplyTo === null ? {} : { 'In-Reply-To': `<${mail.inReplyTo}>` }),
    ...(mail.references.length === 0 ? {} : { References: mail.references.map((id) => `<${id}>`).join(' ') }),
    ...Object.fromEntries(Object.entries(mail.headers).map(([name, value]) => [name, oneLine(value)])),
  }
}

/** `"name" <address>` (RFC 5322 §3.4). Never throws. */
export function mailboxOf({ name, address }: OutgoingMail['from']): string {
  return name === '' ? oneLine(address) : `"${oneLine(name).replace(/["\\]/g, '\\$&')}" <${oneLine(address)}>`
}
