// To whom a conversation may be given: members of its inbox, and administrators.

import type { Db } from '../../db/client.ts'
import type { Pool } from '../../db/pool.ts'
import { readAgents } from '../records/agent-records.ts'
import type { AgentRow } from '../records/rows.ts'

/** Agents who are members of all these inboxes, and administrators of the account, by name. */
export async function findAssignableAgents(
  sql: { readonly db: Db; readonly pool: Pool },
  accountId: number,
  inboxIds: readonly number[],
): Promise<AgentRow[]> {
  const { rows } = await sql.pool.query<{ user_id: number }>(
    `
      select au.user_id
      from account_users au
      where au.account_id = $1
        and (
          au.role = 'administrator'
            or (select count(*) from inbox_members m where m.user_id = au.user_id and m.inbox_id = any($2)) = $3
        )
    `,
    [accountId, inboxIds, new Set(inboxIds).size],
  )
  return readAgents(sql.db, accountId, { id: { in: rows.map((row) => row.user_id) } })
}
