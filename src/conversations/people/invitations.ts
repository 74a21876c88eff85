// An invitation: an invited person is listed in an account and can be assigned, but has no access before the link
// mailed to their address was opened. The link proves access to that mailbox: it confirms a new user's address and
// accepts the membership (docs/adr/0021-confirmed-addresses.md).

import { queryOne, type Tx } from '../../db/pool.ts'
import { type Link, revokeLinks } from '../links/one-time-links.ts'
import { queueLinkMail } from '../links/queue-link-mail.ts'

interface Invited {
  readonly accountId: number
  readonly userId: number
  readonly email: string
}

/** Queues the mail with the link. False: the address was sent as many as it may be today. */
export function queueInvitation(tx: Tx, { accountId, userId, email }: Invited): Promise<boolean> {
  const link = { purpose: 'accept-invitation', subjectId: userId, email, accountId } as const
  return queueLinkMail(tx, { ...link, askedBy: `account ${String(accountId)}` })
}

/** Lets the member act: the link was opened, or an administrator of the installation has put them in. */
export async function acceptMembership(
  tx: Tx,
  { accountId, userId }: Pick<Invited, 'accountId' | 'userId'>,
): Promise<void> {
  await tx.query('update users set confirmed_at = coalesce(confirmed_at, now()), updated_at = now() where id = $1', [
    userId,
  ])
  await tx.query(
    `update account_users set accepted_at = coalesce(accepted_at, now())
     where account_id = $1 and user_id = $2`,
    [accountId, userId],
  )
  await revokeLinks(tx, { purpose: 'accept-invitation', subjectId: userId, accountId })
}

/** Opens a link of `accept-invitation`. False: the person was removed meanwhile, or has another address now. */
export async function acceptInvitation(tx: Tx, { subjectId: userId, accountId, email }: Link): Promise<boolean> {
  const invited = await queryOne(
    tx,
    `select 1 from account_users m join users u on u.id = m.user_id
     where m.account_id = $1 and m.user_id = $2 and u.email = $3 for update`,
    [accountId, userId, email],
  )
  if (invited === null || accountId === null) return false
  await acceptMembership(tx, { accountId, userId })
  return true
}
