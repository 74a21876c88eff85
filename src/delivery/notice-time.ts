// When a notice leaves: at once; later, while the agent has the conversation open in the browser, shortly after another
// notice, or when they have had as many as an agent gets in an hour; not at all if they have seen the message there.
// What waits is one row of work for each agent and conversation, and its notice carries all that came meanwhile.

import { type Pool, queryOne } from '../db/pool.ts'
import { viewSeconds } from '../db/rules.ts'
import { agentKey, enqueue, type NewWork } from '../queue/work.ts'

interface Target {
  readonly conversationId: number
  readonly userId: number
}

/**
 * How long, in ms, until it is known whether the agent reads the message in the browser; 0: they do not have the
 * conversation open; `seen`: they had it open and visible after the message came. Presence is the browser's own report,
 * which it renews while the page is visible (conversations/actions/viewing.ts).
 */
export async function readViewing(
  pool: Pool,
  { conversationId, userId }: Target,
  messageId: number,
): Promise<number | 'seen'> {
  const row = await queryOne<{ left_ms: number; is_seen: boolean }>(
    pool,
    `
      select
        (extract(epoch from v.expires_at - now()) * 1000)::float8 as left_ms,
        v.expires_at - $4 * interval '1 second' > m.created_at as is_seen
      from conversation_viewers v
      join messages m on m.id = $3
      where v.conversation_id = $1
        and v.user_id = $2
        and v.expires_at > now()
    `,
    [conversationId, userId, messageId, viewSeconds],
  )
  if (row === null) return 0
  return row.is_seen ? 'seen' : row.left_ms + 500
}

/** Does the work later; nothing if other work for the agent and the conversation already waits. */
export async function postpone(
  pool: Pool,
  work: NewWork<'notify-agent' | 'notify-assignee'>,
  { conversationId, userId, waitMs }: Target & { readonly waitMs: number },
): Promise<void> {
  const key = `later:${agentKey(userId, conversationId)}:${work.kind}`
  const waits = await queryOne(pool, 'select 1 from work where key = $1 and attempts = 0 and failed_at is null', [key])
  if (waits === null) await enqueue(pool, [{ ...work, key, delayMs: waitMs }])
}
