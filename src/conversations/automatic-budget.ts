// The one budget of mail that no person wrote: templates, rules, bots, and continuity to addresses that are only
// claimed (RFC 3834 §2). A mailbox is counted without its tag, in one row that is locked while it counts; all
// unproven mailboxes of an account share one more count an hour. docs/adr/0022-automatic-mail.md

import type { Sql, Tx } from '../db/pool.ts'
import { mailboxKey } from '../mail/address.ts'

/** How many mails; settings AUTOMATIC_MAIL_*. */
export interface AutomaticMailLimits {
  /** To one proven mailbox from one account in an hour. */
  readonly provenPerHour: number
  /** To one unproven mailbox from the whole installation in a day. */
  readonly unprovenPerDay: number
  /** The same, for what a person wrote to an address that a visitor claims. */
  readonly claimedPerDay: number
  /** To all unproven mailboxes together from one account in an hour. */
  readonly unprovenPerAccountHour: number
}

const usualAutomaticMail: AutomaticMailLimits = {
  provenPerHour: 10,
  unprovenPerDay: 1,
  claimedPerDay: 10,
  unprovenPerAccountHour: 60,
}

export interface AutomaticMail {
  readonly accountId: number
  /** The recipient. */
  readonly mailbox: string
  /** True if the address's owner is known to have written: authenticated mail, or an opened link. */
  readonly isProven: boolean
  /** A person wrote it: an answer to an address that a visitor claims. Default false. */
  readonly byPerson?: boolean
  /** It tells a verified agent how to stop their answer: one an answer, with a count of its own. */
  readonly isConfirmation?: boolean
  /** Default 1. */
  readonly count?: number
}

/** Takes from the budget in the caller's transaction; false = nothing was taken, and the mail may not leave. */
export async function takeBudget(
  tx: Tx,
  { accountId, mailbox, isProven, byPerson = false, isConfirmation = false, count = 1 }: AutomaticMail,
  limits: AutomaticMailLimits = usualAutomaticMail,
): Promise<boolean> {
  const key = mailboxKey(mailbox)
  if (isConfirmation)
    return takeOf(tx, `account ${String(accountId)} confirms to ${key}`, {
      most: confirmationsPerHour,
      seconds: hour,
      count,
    })
  if (isProven)
    return takeOf(tx, `account ${String(accountId)} to ${key}`, { most: limits.provenPerHour, seconds: hour, count })
  const own = `unproven ${key}`
  const most = byPerson ? limits.claimedPerDay : limits.unprovenPerDay
  if (!(await takeOf(tx, own, { most, seconds: 24 * hour, count }))) return false
  const shared = { most: limits.unprovenPerAccountHour, seconds: hour, count }
  if (await takeOf(tx, `account ${String(accountId)} to unproven`, shared)) return true
  await tx.query('update automatic_mail set used = used - $2 where key = $1', [own, count])
  return false
}

const hour = 3_600
/** More answers than a person writes. */
const confirmationsPerHour = 120

export interface Allowance {
  readonly most: number
  /** Length of the window, which begins with its first mail. */
  readonly seconds: number
  readonly count: number
}

/**
 * Takes `count` from the allowance of a key in its window; false = nothing was taken. Locks the key's row until the
 * transaction ends.
 */
export async function takeOf(tx: Tx, key: string, { most, seconds, count }: Allowance): Promise<boolean> {
  if (count > most) return false
  const { rowCount } = await tx.query(
    `insert into automatic_mail as kept (key, started_at, used) values ($1, clock_timestamp(), $2)
     on conflict (key) do update set
       used = case when ${isOver} then $2 else kept.used + $2 end,
       started_at = case when ${isOver} then clock_timestamp() else kept.started_at end
     where ${isOver} or kept.used + $2 <= $3`,
    [key, count, most, seconds],
  )
  return rowCount === 1
}

const isOver = `kept.started_at <= clock_timestamp() - $4 * interval '1 second'`

/** Deletes counts whose window is over; how many. */
export async function sweepAutomaticMail(sql: Sql): Promise<number> {
  const { rowCount } = await sql.query(`delete from automatic_mail where started_at < now() - interval '2 days'`)
  return rowCount ?? 0
}
