// Auto-assignment of mail conversations: the pipeline only queues a work row if an agent is available; the assignee is
// chosen here, apart from mails that are still arriving.

import { type Pool, statement, type Tx, withDeadlockRetry } from '../../db/pool.ts'
import type { Handlers } from '../../queue/runner.ts'
import { assignAll, assignConversation } from './assign.ts'

const noteSql = statement(`
  insert into work (kind, key, payload)
  select 'assign-conversation', 'assign:' || c.inbox_id, jsonb_build_object('conversationId', c.id)
  from conversations c
  join inboxes i on i.id = c.inbox_id
  where c.id = any($1)
    and c.status = 'open'
    and c.assignee_id is null
    and c.assignee_agent_bot_id is null
    and i.enable_auto_assignment
    and exists (
      select 1
      from inbox_members m
      join account_users a on a.account_id = c.account_id and a.user_id = m.user_id
      where m.inbox_id = c.inbox_id and a.availability = 'online'
    )
`)

/**
 * Queues assignment for those of the just opened conversations that wait for an agent; returns whether there are any.
 * Mail to open conversations needs none.
 */
export async function noteWaiting(tx: Tx, conversationIds: readonly number[]): Promise<boolean> {
  if (conversationIds.length === 0) return false
  const { rowCount } = await tx.query(noteSql([[...new Set(conversationIds)]]))
  return (rowCount ?? 0) > 0
}

export function createAssignHandlers(pool: Pool): Pick<Handlers, 'assign-conversation' | 'assign-waiting'> {
  return {
    'assign-conversation': {
      run: async ({ conversationId }) => {
        await withDeadlockRetry(pool, (tx) => assignConversation(tx, conversationId))
      },
    },
    'assign-waiting': {
      run: async ({ inboxId }) => {
        await withDeadlockRetry(pool, (tx) => assignAll(tx, inboxId))
      },
    },
  }
}
