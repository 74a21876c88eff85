// Signs of a mailing list or newsletter: RFC 2369, RFC 2919, RFC 8058, and Precedence.
import { readFieldValue } from '../header/split-head.ts'
import type { MailEvidence } from './evidence.ts'

const names = [
  'list-id',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'list-post',
  'list-help',
  'mailing-list',
  'x-mailing-list',
  'x-mailman-version',
  'x-campaign',
  'x-campaignid',
  'x-mc-user',
  'x-csa-complaints',
]

/** The sign that says list, or null. Never throws. */
export function findListSign(mail: MailEvidence): string | null {
  for (const name of names) {
    const value = readFieldValue(mail.fields, name)
    if (value !== null) return `${name}: ${value.slice(0, 200)}`
  }
  const precedence = readFieldValue(mail.fields, 'precedence')
  return precedence !== null && /^\s*(?:list|bulk|junk)/i.test(precedence)
    ? `precedence: ${precedence.slice(0, 200)}`
    : null
}
