// Presence in a conversation: clients repeat it while the conversation is open. The other agents receive an event when
// a viewer comes or goes, and from time to time as a renewal.

import { inTransaction, type Pool, queryOne } from '../../db/pool.ts'
import { viewSeconds } from '../../db/rules.ts'
import { recordEvent } from '../record-event.ts'

export interface Viewer {
  readonly id: number
  readonly name: string
  readonly expiresAt: Date
}

export interface Viewing {
  readonly accountId: number
  readonly conversationId: number
  readonly displayId: number
  readonly user: { readonly id: number; readonly name: string }
  /** False: they look no longer. */
  readonly on: boolean
}

/** The renewal event is sent when less than this is left. */
const repeatSeconds = 35

/** Records that a user views the conversation, or no longer does; returns the other viewers. */
export async function noteViewing(pool: Pool, viewing: Viewing): Promise<Viewer[]> {
  await inTransaction(pool, async (tx) => {
    const { accountId, conversationId, displayId, user, on } = viewing
    const changed = on
      ? await queryOne<{ expires_at: Date }>(
          tx,
          `insert into conversation_viewers as v (conversation_id, user_id, expires_at)
           values ($1, $2, now() + $3 * interval '1 second')
           on conflict (conversation_id, user_id) do update set expires_at = excluded.expires_at
             where v.expires_at < now() + $4 * interval '1 second'
           returning expires_at`,
          [conversationId, user.id, viewSeconds, repeatSeconds],
        )
      : await queryOne<{ expires_at: Date }>(
          tx,
          `delete from conversation_viewers
           where conversation_id = $1 and user_id = $2
           returning now() as expires_at`,
          [conversationId, user.id],
        )
    if (changed === null) return
    await recordEvent(tx, {
      accountId,
      conversationId,
      name: 'conversation_viewing',
      performer: `user:${String(user.id) as `${number}`}`,
      facts: { conversation_id: displayId, user, viewing: on, expires_at: changed.expires_at },
    })
  })
  const { rows } = await pool.query<Viewer>(
    `select u.id, coalesce(u.display_name, u.name) as name, v.expires_at as "expiresAt"
     from conversation_viewers v join users u on u.id = v.user_id
     where v.conversation_id = $1 and v.expires_at > now() and v.user_id <> $2
     order by u.id`,
    [viewing.conversationId, viewing.user.id],
  )
  return rows
}

/** Deletes the viewers that are gone; returns how many. */
export async function sweepViewers(pool: Pool): Promise<number> {
  const { rowCount } = await pool.query(`delete from conversation_viewers where expires_at < now() - interval '1 hour'`)
  return rowCount ?? 0
}
