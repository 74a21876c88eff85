// The author of a mail: the one mailbox of its one From field (RFC 5322 §3.6.2).

import type { HeaderField, Mailbox } from '../parsed-mail.ts'
import { readAuthor } from './address-list.ts'
import { readFieldValues } from './split-head.ts'

/** Null where From names no author, or several, or stands there twice: programs disagree. Never throws. */
export function readAuthorOf(fields: readonly HeaderField[]): Mailbox | null {
  const [field, ...others] = readFieldValues(fields, 'from')
  return field === undefined || others.length > 0 ? null : readAuthor(field)
}
