// Ownership of inbox addresses. An address at a domain of the account works at once, as does one set by an installation
// administrator; any other works after a code mailed to it was entered. Until then mail to it is refused (550 at RCPT),
// and nothing is sent from it.

import { inTransaction, type Pool, queryOne, type Sql } from '../../db/pool.ts'
import { addressKey, mailboxKey, stripTag } from '../../mail/address.ts'
import { hashAddressCode } from '../../mail/address-code.ts'
import { enqueue } from '../../queue/work.ts'
import { takeOf } from '../automatic-budget.ts'
import { type Problem, taken } from '../records/problem.ts'
import type { InboxRow } from '../records/rows.ts'
import { isUniqueViolation } from '../records/unique.ts'

// Local parts that the installation and its mail servers use at reply domains (RFC 2142 §5, RFC 3834 §6).
const reserved = /^(?:notifications|postmaster|abuse|mailer-daemon|no-?reply|reply|bounce|new|canary)(?:\+.*)?$/i

// True if the installation uses this local part itself.
function isReserved(email: string): boolean {
  return reserved.test(email.slice(0, email.lastIndexOf('@')))
}

interface Wanted {
  readonly accountId: number
  /** Lower case. */
  readonly email: string
  readonly replyDomain: string
}

interface Standing {
  readonly is_shared: boolean
  readonly owner: number | null
  readonly is_taken: boolean
  readonly is_user: boolean
}

const standingSql = `select
    $2::text = $4::text
      or exists (
        select 1 from reply_domains where domain = $2 and account_id is null and expires_at > now()
      ) as is_shared,
    coalesce(
      (select id from accounts where domain = $2),
      (select account_id from reply_domains where domain = $2 and account_id is not null and expires_at > now() limit 1)
    ) as owner,
    exists (
      select 1 from channels
      where forward_to_email = $1
        or email = $1 and (email_confirmed_at is not null or account_id = $3))
      or exists (
        select 1 from former_inbox_addresses where email = $1 and account_id <> $3 and expires_at > now()
      ) as is_taken,
    exists (
      select 1 from users
      where confirmed_at is not null and regexp_replace(email, '\\+[^@]*@', '@') = $5) as is_user`

async function findStanding(
  sql: Sql,
  { accountId, email, replyDomain }: Wanted,
): Promise<Standing & { domain: string }> {
  const domain = email.slice(email.lastIndexOf('@') + 1)
  const values = [addressKey(email), domain, accountId, replyDomain, addressKey(stripTag(email))]
  const row = await queryOne<Standing & Record<string, unknown>>(sql, standingSql, values)
  return { is_shared: false, owner: null, is_taken: false, is_user: false, ...row, domain }
}

/** Problems of an address as an inbox address of the account, and whether it works without a code. */
export async function checkInboxAddress(
  sql: Sql,
  wanted: Wanted,
): Promise<{ readonly problem: Problem | null; readonly isOwn: boolean }> {
  const standing = await findStanding(sql, wanted)
  const isOwn = standing.owner === wanted.accountId
  return { problem: findProblem(standing, wanted), isOwn }
}

function findProblem(standing: Standing, { accountId, email }: Wanted): Problem | null {
  if (standing.is_taken) return taken('email')
  if (standing.owner !== null && standing.owner !== accountId) return says('is at the domain of another account')
  if ((standing.is_shared || standing.owner !== null) && isReserved(email))
    return says('is reserved for the installation')
  return standing.is_user ? says('is the address of a user') : null
}

const says = (message: string): Problem => ({ attribute: 'email', message })

/** Problems of an address as sender of the account's mail: it belongs to another account or to the installation. */
export async function findSupportAddressProblem(sql: Sql, wanted: Wanted): Promise<Problem | null> {
  const { is_shared: isShared, owner, domain } = await findStanding(sql, wanted)
  const attribute = 'support_email'
  if (owner !== null && owner !== wanted.accountId) return { attribute, message: 'is at the domain of another account' }
  if ((isShared || owner !== null) && isReserved(wanted.email))
    return { attribute, message: 'is reserved for the installation' }
  const other = await queryOne(
    sql,
    `select 1 from channels
     where account_id <> $2 and (email = $1 and email_confirmed_at is not null or forward_to_email = $1) and $3 <> ''`,
    [addressKey(wanted.email), wanted.accountId, domain],
  )
  return other === null ? null : { attribute, message: 'is the address of another account' }
}

/**
 * Problems of a domain for an account: another account has confirmed inboxes there, or users receive their own mail
 * there.
 */
export async function findDomainProblem(sql: Sql, accountId: number, domain: string): Promise<Problem | null> {
  const row = await queryOne<{ by: string }>(
    sql,
    `select case when account_id is null
         then 'is or was a domain of the installation: remove it there first (rethread domains remove)'
         else 'is a former domain of another account'
       end as by
     from reply_domains
     where domain = $2 and account_id is distinct from $1 and expires_at > now()
       and not exists (select 1 from accounts where domain = $2)
     union all
     select 'is where another account has an inbox' from channels
     where account_id <> $1 and email_confirmed_at is not null and split_part(email, '@', 2) = $2
     union all
     select 'is where users have their own addresses' from users
     where confirmed_at is not null and split_part(email, '@', 2) = $2
     limit 1`,
    [accountId, domain],
  )
  return row === null ? null : { attribute: 'domain', message: row.by }
}

const day = 86_400
const codesPerMailboxAndDay = 5
const guessesPerCode = 5

/**
 * Queues the mail with a new code to the inbox's address. False: the mailbox was sent as many today, or there is
 * nothing to confirm.
 */
export function queueAddressCode(pool: Pool, inbox: InboxRow): Promise<boolean> {
  const { email, emailConfirmedAt } = inbox.channel
  if (email === null || emailConfirmedAt !== null) return Promise.resolve(false)
  return inTransaction(pool, async (tx) => {
    const allowance = { most: codesPerMailboxAndDay, seconds: day, count: 1 }
    if (!(await takeOf(tx, `code to ${mailboxKey(email)}`, allowance))) return false
    await enqueue(tx, [{ kind: 'send-address-code', key: null, payload: { inboxId: inbox.id, email } }])
    return true
  })
}

/**
 * Enters a code. Each has five guesses, counted before they are compared; then another is to be mailed. Null: the
 * address works now.
 */
export async function enterAddressCode(pool: Pool, inbox: InboxRow, code: string): Promise<Problem | null> {
  const guess = await queryOne<{ code_hash: Buffer }>(
    pool,
    `update channels set email_code_attempts = email_code_attempts + 1
     where id = $1
       and email_confirmed_at is null
       and email_code_hash is not null
       and email_code_expires_at > now()
       and email_code_attempts < $2
     returning email_code_hash as code_hash`,
    [inbox.channel.id, guessesPerCode],
  )
  if (guess === null) return { attribute: 'code', message: 'is not valid any more: ask for another one' }
  if (!guess.code_hash.equals(hashAddressCode(code))) return { attribute: 'code', message: 'is wrong' }
  try {
    const { rowCount } = await pool.query(
      `update channels set email_confirmed_at = now(), email_code_hash = null, updated_at = now()
       where id = $1 and email = $2 and email_code_hash = $3`,
      [inbox.channel.id, inbox.channel.email, guess.code_hash],
    )
    return rowCount === 1 ? null : { attribute: 'code', message: 'is not valid any more: ask for another one' }
  } catch (error) {
    if (isUniqueViolation(error)) return taken('email')
    throw error
  }
}

/** Number of inboxes with an unconfirmed address. */
export async function countUnconfirmedAddresses(sql: Sql): Promise<number> {
  const row = await queryOne<{ count: number }>(
    sql,
    'select count(*) as count from channels where email is not null and email_confirmed_at is null',
  )
  return row?.count ?? 0
}
