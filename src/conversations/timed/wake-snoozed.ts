// Snoozed conversations whose time has come are open again. Several processes may look at once: each row is taken by
// one.

import { type Pool, withDeadlockRetry } from '../../db/pool.ts'
import { setStatus } from '../actions/change-status.ts'
import { lockConversation } from '../locked-conversation.ts'

const atOnce = 50

/** Opens those that are due; how many. */
export async function wakeSnoozed(pool: Pool): Promise<number> {
  let woken = 0
  for (;;) {
    const part = await wakePart(pool)
    woken += part
    if (part < atOnce) return woken
  }
}

function wakePart(pool: Pool): Promise<number> {
  return withDeadlockRetry(pool, async (tx) => {
    const { rows } = await tx.query<{ id: number }>(
      `
        select id
        from conversations
        where status = 'snoozed' and snoozed_until <= now()
        order by snoozed_until
        limit $1
        for no key update skip locked
      `,
      [atOnce],
    )
    for (const { id } of rows) {
      const locked = await lockConversation(tx, id)
      if (locked !== null)
        await setStatus(tx, locked, {
          status: 'open',
          snoozedUntil: null,
          by: { kind: 'system' },
          sentence: 'Conversation was reopened by system because its snooze was over',
        })
    }
    return rows.length
  })
}
