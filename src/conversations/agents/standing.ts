// A person's status in one of their accounts: availability, and the account that they work in.

import { type Pool, queryOne, withDeadlockRetry } from '../../db/pool.ts'
import { assignWaitingOf } from '../assignment/assign.ts'
import type { Availability } from '../records/rows.ts'

/** A person's status in one of their accounts. */
export interface AccountStanding {
  readonly availability?: Availability | undefined
  readonly autoOffline?: boolean | undefined
  /** They begin to work in it. */
  readonly activeAt?: Date | undefined
}

/** A person who becomes available receives waiting conversations. False: they do not belong to the account. */
export async function stand(
  pool: Pool,
  member: { readonly userId: number; readonly accountId: number },
  standing: AccountStanding,
): Promise<boolean> {
  return withDeadlockRetry(pool, async (tx) => {
    const { userId, accountId } = member
    const before = await queryOne<{ availability: Availability }>(
      tx,
      'select availability from account_users where account_id = $1 and user_id = $2 for no key update',
      [accountId, userId],
    )
    if (before === null) return false
    const { availability = null, autoOffline = null, activeAt = null } = standing
    await tx.query(
      `
        update account_users
        set
          availability = coalesce($3, availability),
          auto_offline = coalesce($4, auto_offline),
          active_at = coalesce($5, active_at)
        where account_id = $1 and user_id = $2
      `,
      [accountId, userId, availability, autoOffline, activeAt],
    )
    if (availability === 'online' && before.availability !== 'online') await assignWaitingOf(tx, member)
    return true
  })
}
