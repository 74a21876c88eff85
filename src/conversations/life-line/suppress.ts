// Addresses that an account does not mail: which of some are on its list, and when a bounce or complaint puts one there
// (docs/adr/0048). A stranger who forges a report must not be able to stop mail to somebody else.

import type { DeliveryUpdate, UpdateOrigin } from '../../contracts/delivery.ts'
import { toText } from '../../db/json.ts'
import type { Sql } from '../../db/pool.ts'
import { addressKey } from '../../mail/address.ts'
import { domainOf, isAligned } from '../../mail/authentication/alignment.ts'
import { isHardBounce } from '../../mail/automation/hard-bounce.ts'
import type { Advanced } from './advance.ts'
import type { Recipient } from './move-recipients.ts'

/** Those of the addresses, as they were given, that the account does not mail. */
export async function findSuppressed(
  sql: Sql,
  accountId: number,
  emails: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await sql.query<{ address: string }>(
    'select address from suppressed_addresses where account_id = $1 and address = any($2)',
    [accountId, emails.map(addressKey)],
  )
  const suppressed = new Set(rows.map(({ address }) => address))
  return emails.filter((email) => suppressed.has(addressKey(email)))
}

interface Source {
  readonly accountId: number
  readonly messageId: number
}

interface Reported extends Pick<Advanced, 'named' | 'count'> {
  readonly update: DeliveryUpdate
}

/** Puts the recipients whom the update names on the list, as far as it can be believed. */
export async function suppressReported(sql: Sql, source: Source, { update, named, count }: Reported): Promise<void> {
  const { origin } = update
  if (origin === undefined) return
  for (const recipient of named) {
    const reason = reasonOf(recipient)
    if (reason !== null && isBelieved(origin, recipient, count)) await suppress(sql, source, { recipient, reason })
  }
}

function reasonOf({ state, status = '' }: Recipient): 'bounce' | 'complaint' | null {
  if (state === 'complained') return 'complaint'
  return (state === 'bounced' || state === 'failed') && isHardBounce(status) ? 'bounce' : null
}

// The token of the reverse-path is known to all recipients of a mail: of several, one could name another.
function isBelieved(origin: UpdateOrigin, { email }: Recipient, count: number): boolean {
  if (origin === 'server') return true
  if (origin.byToken && count === 1) return true
  return origin.domain !== null && isAligned(domainOf(email ?? '') ?? '', origin.domain)
}

async function suppress(
  sql: Sql,
  { accountId, messageId }: Source,
  { recipient, reason }: { readonly recipient: Recipient; readonly reason: 'bounce' | 'complaint' },
): Promise<void> {
  const detail = [recipient.status ?? '', recipient.detail ?? ''].filter((part) => part !== '').join(' ')
  await sql.query(
    `insert into suppressed_addresses (account_id, address, reason, detail, message_id)
     values ($1, $2, $3, $4, $5)
     on conflict (account_id, address) do nothing`,
    [accountId, addressKey(recipient.email ?? ''), reason, toText(detail.slice(0, 500)), messageId],
  )
}
