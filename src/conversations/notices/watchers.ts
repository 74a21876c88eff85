// Notices to the watchers of an inbox (view inbox_watchers), for messages of which no assignee and no participant is
// notified. The watchers are determined after automatic assignment.

import { columns } from '../../db/columns.ts'
import { type Pool, statement, type Tx } from '../../db/pool.ts'
import type { Handlers } from '../../queue/runner.ts'

export interface Unattended {
  readonly conversationId: number
  readonly messageId: number
}

const unattendedMessages = columns({ conversation_id: 'int', message_id: 'int' })

// The key of automatic assignment: rows of one key are done in order.
const unattendedSql = statement(`insert into work (kind, key, payload)
  select
    'notify-watchers',
    'assign:' || c.inbox_id,
    jsonb_build_object('conversationId', c.id, 'messageId', t.message_id)
  from ${unattendedMessages.from('t')}
    join conversations c on c.id = t.conversation_id
  where c.status = 'open'
    and exists (select 1 from inbox_watchers w where w.inbox_id = c.inbox_id and w.level <> 'none')`)

/**
 * Queues the notices of messages in open conversations; returns whether there are any. None if the inbox has no
 * watchers.
 */
export async function noteUnattended(tx: Tx, unattended: readonly Unattended[]): Promise<boolean> {
  if (unattended.length === 0) return false
  const rows = unattended.map(({ conversationId, messageId }) => ({
    conversation_id: conversationId,
    message_id: messageId,
  }))
  const { rowCount } = await tx.query(unattendedSql(unattendedMessages.values(rows)))
  return (rowCount ?? 0) > 0
}

/**
 * As `noteUnattended`, for the first message of a conversation that did not begin by mail; assignee and participants
 * are notified, too.
 */
export async function noteFirstWords(tx: Tx, first: Unattended): Promise<void> {
  await tx.query(
    `insert into work (kind, key, payload)
     select
       'notify-agent',
       'agent:' || h.user_id || ':' || $1::int,
       jsonb_build_object('messageId', $2::int, 'userId', h.user_id)
     from (
       select assignee_id as user_id from conversations where id = $1 and assignee_id is not null
       union
       select user_id from conversation_participants where conversation_id = $1
     ) h`,
    [first.conversationId, first.messageId],
  )
  await noteUnattended(tx, [first])
}

const watchersSql = `insert into work (kind, key, payload)
  select
    'notify-agent',
    'agent:' || w.user_id || ':' || c.id,
    jsonb_build_object('messageId', $2::int, 'userId', w.user_id, 'isWatched', true)
  from conversations c
    join inbox_watchers w on w.inbox_id = c.inbox_id
  where c.id = $1
    and c.status = 'open'
    and w.user_id is distinct from c.assignee_id
    and (
      w.level = 'all'
      or w.level = 'unassigned'
        and c.assignee_id is null
        and c.assignee_agent_bot_id is null
        and not exists (select 1 from conversation_participants p where p.conversation_id = c.id)
    )`

/** The handler that queues one notice for each who watches. `onWork` is called after it has queued some. */
export function createWatcherHandler(pool: Pool, onWork: () => void): Pick<Handlers, 'notify-watchers'> {
  return {
    'notify-watchers': {
      run: async ({ conversationId, messageId }) => {
        const { rowCount } = await pool.query(watchersSql, [conversationId, messageId])
        if ((rowCount ?? 0) > 0) onWork()
      },
    },
  }
}
