// One-time links: 256 random bits that prove access to the mailbox they were mailed to. Only the SHA-256 of a code is
// stored, so that a copy of the database contains no usable link. A link is consumed once, in the transaction of its
// action (opened-links.ts).

import { createHash, randomBytes } from 'node:crypto'

import { queryOne, type Sql, type Tx } from '../../db/pool.ts'
import { addressKey } from '../../mail/address.ts'

export const linkPurposes = [
  'confirm-user-email',
  'accept-invitation',
  'prove-contact-address',
  'stop-answer',
  'sign-in',
  'second-factor',
] as const
export type LinkPurpose = (typeof linkPurposes)[number]

export interface NewLink {
  readonly purpose: LinkPurpose
  /** A user, a contact or a message, by purpose. */
  readonly subjectId: number
  /** The address that the link is mailed to. */
  readonly email: string
  readonly accountId: number | null
  readonly expiresAt: Date
}

export type Link = Omit<NewLink, 'expiresAt'>

/** Stores a new link and returns its code, 43 URL-safe characters. The code is known only here. */
export async function createLink(sql: Sql, link: NewLink): Promise<string> {
  const code = randomBytes(32).toString('base64url')
  await sql.query(
    `insert into one_time_links (code_hash, purpose, subject_id, email, account_id, expires_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [hashCode(code), link.purpose, link.subjectId, addressKey(link.email), link.accountId, link.expiresAt],
  )
  return code
}

/** The link of a code that is neither consumed nor expired, or null. Changes nothing. */
export function findLink(sql: Sql, code: string): Promise<Link | null> {
  return queryOne<Link & Record<string, unknown>>(
    sql,
    `select ${columns} from one_time_links
     where code_hash = $1 and consumed_at is null and expires_at > clock_timestamp()`,
    [hashCode(code)],
  )
}

/**
 * Consumes a link of one of these purposes: of several callers at once exactly one gets it, all others null. Rolls back
 * with the caller's transaction.
 */
export function consumeLink(tx: Tx, code: string, purposes: readonly string[] = linkPurposes): Promise<Link | null> {
  return queryOne<Link & Record<string, unknown>>(
    tx,
    `update one_time_links set consumed_at = clock_timestamp()
     where code_hash = $1
       and purpose = any($2)
       and consumed_at is null
       and expires_at > clock_timestamp()
     returning ${columns}`,
    [hashCode(code), purposes],
  )
}

/** Makes the other links of a subject worthless; `accountId` undefined = those of every account. */
export async function revokeLinks(
  sql: Sql,
  { purpose, subjectId, accountId }: Pick<Link, 'purpose' | 'subjectId'> & { readonly accountId?: number | null },
): Promise<void> {
  await sql.query(
    `delete from one_time_links
     where purpose = $1 and subject_id = $2 and consumed_at is null and ($3::int is null or account_id = $3)`,
    [purpose, subjectId, accountId ?? null],
  )
}

/** Deletes links that expired a month ago; how many. */
export async function sweepLinks(sql: Sql): Promise<number> {
  const { rowCount } = await sql.query(`delete from one_time_links where expires_at < now() - interval '30 days'`)
  return rowCount ?? 0
}

const columns = 'purpose, subject_id as "subjectId", email, account_id as "accountId"'

function hashCode(code: string): Buffer {
  return createHash('sha256').update(code, 'utf8').digest()
}
