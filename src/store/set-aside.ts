// Mail that a person does not want: discarded, or its sender blocked. Both leave the mail in the log as ignored, with
// what it was before, so that each can be undone until retention removes it.

import type { InboundStatus, Scope } from '../contracts/inbound-email.ts'
import { inTransaction, type Pool, queryOne, type Tx } from '../db/pool.ts'
import { MailError } from '../errors.ts'
import { maskReplyAddresses } from '../mail/reply-address.ts'
import { source, valuesOf, visible } from './inbound-email-row.ts'

/** The mail, and who sets it aside. */
export interface AsideAction {
  readonly scope: Scope
  readonly id: number
  readonly performer: { readonly mark: string; readonly userId: number | null }
}

interface LockedMail {
  readonly status: InboundStatus
  readonly reason: string | null
  readonly from_address: string | null
  readonly account_id: number | null
  readonly kept: boolean
}

/** Settles held or failed mail as ignored; false: no such mail in this scope. Throws `MailError('conflict')`. */
export function discard(pool: Pool, action: AsideAction): Promise<boolean> {
  return withLockedMail(pool, action, async (tx, mail) => {
    if (mail.status !== 'held' && mail.status !== 'failed') throw notNow(action.id, mail.status, 'discarded')
    // It is not fetched yet: discarding it would lose it.
    if (!mail.kept)
      throw new MailError('conflict', `inbound email ${String(action.id)} has no raw message`, {
        publicMessage: 'This mail was never fetched from its provider; run it again, or delete it',
      })
    await setAside(tx, action.id, 'discarded')
  })
}

/** Puts a discarded mail back to what it was. */
export function undiscard(pool: Pool, action: AsideAction): Promise<boolean> {
  return withLockedMail(pool, action, async (tx, mail) => {
    if (mail.reason !== 'discarded')
      throw new MailError('conflict', `inbound email ${String(action.id)} is not discarded`, {
        publicMessage: 'This mail was not discarded, so there is nothing to take back',
      })
    await restore(tx, action.id)
  })
}

/** Ignores this mail, unless it was delivered, and all further mail of its sender in its account. */
export function blockSender(pool: Pool, action: AsideAction): Promise<boolean> {
  return withLockedMail(pool, action, async (tx, mail) => {
    const { address, accountId } = senderOf(action.id, mail)
    await refuseOwn(tx, accountId, address)
    await tx.query(
      `insert into blocked_senders (account_id, address, created_by_id) values ($1, $2, $3)
       on conflict (account_id, address) do nothing`,
      [accountId, address, action.performer.userId],
    )
    if (mail.kept && mail.reason !== 'blocked-sender' && ['held', 'failed', 'ignored'].includes(mail.status))
      await setAside(tx, action.id, 'blocked-sender')
  })
}

/** Unblocks the sender, and restores the state of the mail before the block. */
export function unblockSender(pool: Pool, action: AsideAction): Promise<boolean> {
  return withLockedMail(pool, action, async (tx, mail) => {
    const { address, accountId } = senderOf(action.id, mail)
    const { rowCount } = await tx.query('delete from blocked_senders where account_id = $1 and address = $2', [
      accountId,
      address,
    ])
    if (rowCount === 0 && mail.reason !== 'blocked-sender')
      throw new MailError('conflict', `${address} is not blocked`, { publicMessage: `${address} is not blocked` })
    if (mail.reason === 'blocked-sender') await restore(tx, action.id)
  })
}

export interface BlockedSender {
  readonly id: number
  readonly address: string
  readonly createdAt: Date
  readonly createdById: number | null
}

const maxListed = 1_000

/** Newest first, at most 1,000. */
export async function listBlockedSenders(pool: Pool, accountId: number): Promise<BlockedSender[]> {
  const { rows } = await pool.query<BlockedSender>(
    `select id, address, created_at as "createdAt", created_by_id as "createdById"
     from blocked_senders
     where account_id = $1
     order by id desc
     limit $2`,
    [accountId, maxListed],
  )
  return rows
}

/** False if there is no such block. */
export async function deleteBlockedSender(pool: Pool, accountId: number, id: number): Promise<boolean> {
  const { rowCount } = await pool.query('delete from blocked_senders where account_id = $1 and id = $2', [
    accountId,
    id,
  ])
  return (rowCount ?? 0) > 0
}

function withLockedMail(
  pool: Pool,
  action: AsideAction,
  change: (tx: Tx, mail: LockedMail) => Promise<void>,
): Promise<boolean> {
  return inTransaction(pool, async (tx) => {
    const mail = await queryOne<LockedMail>(
      tx,
      `select
         i.status,
         i.reason,
         i.from_address,
         i.account_id,
         i.raw_id is not null or i.incinerated_at is not null as kept
       from ${source}
       where ${visible} and i.id = $4
       for update of i`,
      [...valuesOf(action.scope), action.id],
    )
    if (mail === null) return false
    await tx.query(`select set_config('rethread.performer', $1, true)`, [action.performer.mark])
    await change(tx, mail)
    return true
  })
}

async function setAside(tx: Tx, id: number, reason: 'discarded' | 'blocked-sender'): Promise<void> {
  await tx.query(
    `update inbound_emails
     set former = jsonb_build_object('status', status, 'reason', reason), status = 'ignored', reason = $2
     where id = $1`,
    [id, reason],
  )
}

// Mail that was ignored on arrival stays ignored: it has no earlier state.
async function restore(tx: Tx, id: number): Promise<void> {
  await tx.query(
    `update inbound_emails
     set status = (former ->> 'status')::inbound_status, reason = former ->> 'reason', former = null
     where id = $1 and former is not null`,
    [id],
  )
}

function senderOf(id: number, mail: LockedMail): { address: string; accountId: number } {
  if (mail.account_id === null || mail.from_address === null)
    throw new MailError('conflict', `inbound email ${String(id)} has no account or author`, {
      publicMessage: 'This mail has no author or no account, so there is no sender to block',
    })
  return { address: mail.from_address.toLowerCase(), accountId: mail.account_id }
}

// From may be forged: mail in the name of a member must not block that member.
async function refuseOwn(tx: Tx, accountId: number, address: string): Promise<void> {
  const own = await queryOne(
    tx,
    `select 1 from acting_members where account_id = $1 and email = $2
     union all
     select 1 from channels where account_id = $1 and email = $2
     limit 1`,
    [accountId, address],
  )
  if (own === null && maskReplyAddresses(address) === address) return
  throw new MailError('conflict', `${maskReplyAddresses(address)} is an address of the account`, {
    publicMessage:
      `${maskReplyAddresses(address)} is an address of your account: it cannot be blocked, and this mail ` +
      'may be forged',
  })
}

function notNow(id: number, status: InboundStatus, done: string): MailError {
  return new MailError('conflict', `inbound email ${String(id)} is ${status}`, {
    publicMessage: `This mail is ${status}; only held and failed mail can be ${done}`,
  })
}
