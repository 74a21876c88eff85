// Ownership of users' addresses. A user's address counts once the link sent to it was opened, or an installation
// administrator has set it. Until then a change is pending beside the old address. Addresses that receive mail in
// Rethread cannot belong to a user (docs/adr/0021-confirmed-addresses.md).

import { queryOne, type Sql, type Tx } from '../../db/pool.ts'
import { addressKey, stripTag } from '../../mail/address.ts'
import { type Link, revokeLinks } from '../links/one-time-links.ts'
import { queueLinkMail } from '../links/queue-link-mail.ts'
import { type Problem, taken } from '../records/problem.ts'

interface Claim {
  readonly userId: number
  /** Lower case. */
  readonly email: string
}

/**
 * The problem of an address as a user's: it is an inbox address, or at a reply domain, which would answer our own mail.
 * Null: none.
 */
export async function findAddressProblem(sql: Sql, email: string, replyDomain: string): Promise<Problem | null> {
  const keys = [addressKey(email), addressKey(stripTag(email))]
  const domain = keys[0]?.slice(keys[0].lastIndexOf('@') + 1) ?? ''
  const row = await queryOne<{ by: string }>(
    sql,
    `select 'is at a domain of reply addresses' as by where $2 = $3
       or exists (select 1 from accounts where domain = $2)
       or exists (select 1 from reply_domains where domain = $2 and expires_at > now())
     union all
     select 'is the address of an inbox' from channels where email = any($1) or forward_to_email = any($1)
     limit 1`,
    [keys, domain, replyDomain],
  )
  return row === null ? null : { attribute: 'email', message: row.by }
}

/** As `findAddressProblem`; null for the address that a user has already. */
export async function findNewAddressProblem(sql: Sql, email: string, replyDomain: string): Promise<Problem | null> {
  const known = await queryOne(sql, 'select 1 from users where email = $1 and confirmed_at is not null', [email])
  return known === null ? findAddressProblem(sql, email, replyDomain) : null
}

/** Notes the address as the one that is to replace the user's, and mails it a link. The old one counts until then. */
export async function requestAddress(tx: Tx, { userId, email }: Claim): Promise<Problem | null> {
  await revokeLinks(tx, { purpose: 'confirm-user-email', subjectId: userId })
  const { rowCount } = await tx.query(
    'update users set unconfirmed_email = nullif($2, email), updated_at = now() where id = $1 and email <> $2',
    [userId, email],
  )
  if (rowCount === 0) {
    await tx.query('update users set unconfirmed_email = null where id = $1', [userId])
    return null
  }
  const other = await queryOne(tx, 'select 1 from users where email = $1 and id <> $2 and confirmed_at is not null', [
    email,
    userId,
  ])
  if (other !== null) return taken('email')
  const link = { purpose: 'confirm-user-email', subjectId: userId, email, accountId: null } as const
  const isQueued = await queueLinkMail(tx, { ...link, askedBy: `user ${String(userId)}` })
  return isQueued ? null : tooManyMails
}

const tooManyMails: Problem = {
  attribute: 'email',
  message: 'was sent as many links as it may be today, try again tomorrow',
}

/** Makes a confirmed address the user's. False: it is a confirmed user's already. */
export async function setAddress(tx: Tx, { userId, email }: Claim): Promise<boolean> {
  const other = await queryOne<{ id: number; confirmed: boolean }>(
    tx,
    'select id, confirmed_at is not null as confirmed from users where email = $1 and id <> $2 for update',
    [email, userId],
  )
  if (other?.confirmed === true) return false
  if (other !== null) await absorb(tx, { placeholderId: other.id, userId })
  await tx.query(
    `update users set
       email = $2::varchar,
       unconfirmed_email = case when unconfirmed_email = $2::varchar then null else unconfirmed_email end,
       confirmed_at = coalesce(confirmed_at, now()),
       updated_at = now()
     where id = $1`,
    [userId, email],
  )
  return true
}

/** Opens a link of `confirm-user-email`. False: the address is no longer requested, or is not allowed for this user. */
export async function confirmAddress(
  tx: Tx,
  { subjectId: userId, email }: Link,
  replyDomain: string,
): Promise<boolean> {
  const pending = await queryOne(tx, 'select 1 from users where id = $1 and unconfirmed_email = $2 for update', [
    userId,
    email,
  ])
  if (pending === null || (await findAddressProblem(tx, email, replyDomain)) !== null) return false
  return setAddress(tx, { userId, email })
}

// A person was invited under an address that turns out to be this user's: the invitations, and assignments meanwhile,
// move to the user. The user accepts each invitation as before: an invitation is not a membership.
async function absorb(tx: Tx, who: { readonly placeholderId: number; readonly userId: number }): Promise<void> {
  for (const statement of absorbing) await tx.query(statement, [who.placeholderId, who.userId])
  await tx.query('delete from users where id = $1', [who.placeholderId])
}

const absorbing = [
  'select 1 from conversations where assignee_id = $1 and $2::int is not null order by id for no key update',
  `insert into account_users (account_id, user_id, role, availability, auto_offline, accepted_at)
   select account_id, $2, role, availability, auto_offline, null from account_users where user_id = $1
   on conflict do nothing`,
  `insert into inbox_members (inbox_id, user_id)
   select inbox_id, $2 from inbox_members where user_id = $1 on conflict do nothing`,
  `insert into team_members (team_id, user_id)
   select team_id, $2 from team_members where user_id = $1 on conflict do nothing`,
  `insert into conversation_participants (conversation_id, user_id)
   select conversation_id, $2 from conversation_participants where user_id = $1 on conflict do nothing`,
  'update conversations set assignee_id = $2, updated_at = now() where assignee_id = $1',
  `update one_time_links set subject_id = $2
   where subject_id = $1 and purpose = 'accept-invitation' and consumed_at is null`,
]
