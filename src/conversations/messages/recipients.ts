// The named recipients of a message's mail: each address once, and none that would come back to this installation.

import { queryOne, type Sql } from '../../db/pool.ts'
import { addressKey } from '../../mail/address.ts'
import { isMaskedAddress, maskReplyAddresses, readOwnDomain } from '../../mail/reply-address.ts'
import { refuse } from '../records/problem.ts'
import type { Json } from '../records/rows.ts'
import { isOutgoing, type NewMessage, parseAddresses } from './new-message.ts'

/** In order of precedence: a recipient in To gets no copy. */
const fields = ['to_emails', 'cc_emails', 'bcc_emails'] as const

/** In To, Cc and Bcc together. */
const maxRecipients = 500

/**
 * The attributes of a message with each recipient once, whatever the case. Throws 422, with a sentence that names the
 * field, for an invalid address and for a reply address of this installation.
 */
export async function settleRecipients(sql: Sql, message: NewMessage, replyDomain: string): Promise<Json> {
  const attributes = message.contentAttributes
  if (message.private || !isOutgoing(message)) return attributes
  const seen = new Set<string>()
  const settled: Record<string, string[]> = {}
  for (const field of fields) {
    const given = attributes[field] ?? null
    if (given === null) continue
    settled[field] = parseAddresses(listOf(field, given)).filter((address) => {
      const key = addressKey(address)
      return seen.size < seen.add(key).size
    })
  }
  if (seen.size > maxRecipients)
    throw refuse(`A message has at most ${String(maxRecipients)} recipients, and this one names ${String(seen.size)}`)
  for (const [field, addresses] of Object.entries(settled)) {
    const loop = await findReplyAddress(sql, addresses, replyDomain)
    if (loop !== null) throw refuse(`${field}: ${maskReplyAddresses(loop)} ${comesBack}`)
  }
  return { ...attributes, ...settled }
}

/** The error for such an address. */
const comesBack = 'is a reply address of this installation: the mail would come back'

function listOf(field: string, given: unknown): string[] {
  const list: unknown[] = Array.isArray(given) ? given : [given]
  if (!list.every((entry) => typeof entry === 'string')) throw refuse(`${field} must be a list of email addresses`)
  return list
}

/**
 * The first address that is a reply or bounce address at a domain of this installation, however it is written; null
 * when there is none.
 */
async function findReplyAddress(sql: Sql, addresses: readonly string[], replyDomain: string): Promise<string | null> {
  const shaped = addresses.flatMap((address) => {
    // A masked list that an answer to all copies is not an address: it is removed when the mail leaves.
    const domain = isMaskedAddress(address) ? null : readOwnDomain(address)
    return domain === null ? [] : [{ address, domain }]
  })
  if (shaped.length === 0) return null
  const row = await queryOne<{ position: number }>(
    sql,
    `select q.position::int - 1 as position
     from unnest($1::text[]) with ordinality as q(domain, position)
     where q.domain = $2
       or exists (select 1 from accounts a where a.domain = q.domain)
       or exists (select 1 from reply_domains r where r.domain = q.domain and r.expires_at > now())
     order by q.position
     limit 1`,
    [shaped.map(({ domain }) => domain), replyDomain],
  )
  return row === null ? null : (shaped[row.position]?.address ?? null)
}
