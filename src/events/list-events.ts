// Events of an account by their position.

import type { Pool } from '../db/pool.ts'
import { eventColumns, type EventRow } from './event-rows.ts'

/** The events of an account behind `position`, in their order. */
export async function listEvents(
  pool: Pool,
  accountId: number,
  after: { readonly position: number; readonly limit: number },
): Promise<EventRow[]> {
  const { rows } = await pool.query<EventRow>(
    `select ${eventColumns} from events e where e.account_id = $1 and e.position > $2 order by e.position limit $3`,
    [accountId, after.position, after.limit],
  )
  return rows
}

/** The event at a position; null if it was deleted. */
export async function findEvent(pool: Pool, accountId: number, position: number): Promise<EventRow | null> {
  const { rows } = await pool.query<EventRow>(
    `select ${eventColumns} from events e where e.account_id = $1 and e.position = $2`,
    [accountId, position],
  )
  return rows[0] ?? null
}
