// One change of one conversation: a transaction that locks the row, changes it, and writes its activities, all or
// nothing. Changes of one conversation run one after another.

import { type Pool, queryOne, type Tx, withDeadlockRetry } from '../db/pool.ts'
import { MailError } from '../errors.ts'
import { type Performer, setPerformer } from './performer.ts'
import type { ConversationStatus, Json } from './records/rows.ts'

/** The locked row. */
export interface LockedConversation {
  readonly id: number
  readonly account_id: number
  readonly inbox_id: number
  readonly contact_id: number
  readonly status: ConversationStatus
  readonly priority: string | null
  readonly snoozed_until: Date | null
  readonly assignee_id: number | null
  readonly assignee_agent_bot_id: number | null
  readonly team_id: number | null
  readonly labels: readonly string[]
  readonly custom_attributes: Json
}

const sql = `
  select
    id,
    account_id,
    inbox_id,
    contact_id,
    status,
    priority,
    snoozed_until,
    assignee_id,
    assignee_agent_bot_id,
    team_id,
    labels,
    custom_attributes,
    merged_into_id
  from conversations
  where id = $1
  for no key update
`

/**
 * The conversation, held until the transaction ends; null when it is gone. Throws 409 when it was merged into another.
 */
export async function lockConversation(tx: Tx, conversationId: number): Promise<LockedConversation | null> {
  const locked = await queryOne<LockedConversation & { readonly merged_into_id: number | null }>(tx, sql, [
    conversationId,
  ])
  if (locked !== null) await refuseMerged(tx, locked.merged_into_id)
  return locked
}

/** Throws 409 with a message for a merged conversation: it accepts no changes. */
export async function refuseMerged(tx: Tx, mergedIntoId: number | null): Promise<void> {
  if (mergedIntoId === null) return
  const target = await queryOne<{ display_id: number }>(tx, 'select display_id from conversations where id = $1', [
    mergedIntoId,
  ])
  const sentence = `This conversation was merged into #${String(target?.display_id ?? mergedIntoId)}`
  throw new MailError('conflict', sentence, { publicMessage: sentence })
}

/**
 * Runs `action` on a locked conversation, in a transaction of its own with the performer set; null when the
 * conversation is gone.
 */
export function changeLocked<T>(
  pool: Pool,
  on: { readonly conversationId: number; readonly by: Performer },
  action: (tx: Tx, locked: LockedConversation) => Promise<T>,
): Promise<T | null> {
  return withDeadlockRetry(pool, async (tx) => {
    await setPerformer(tx, on.by)
    const locked = await lockConversation(tx, on.conversationId)
    return locked === null ? null : action(tx, locked)
  })
}

/** Writes sentences to the conversation as activity messages, in order: without author, counted as activity. */
export async function noteActivities(
  tx: Tx,
  locked: Pick<LockedConversation, 'id' | 'account_id' | 'inbox_id'>,
  sentences: readonly (string | null)[],
): Promise<void> {
  const said = sentences.filter((sentence) => sentence !== null)
  if (said.length === 0) return
  await tx.query(
    `
      with said as (
        insert into messages (
          account_id,
          inbox_id,
          conversation_id,
          message_type,
          content,
          processed_message_content,
          created_at,
          updated_at
        )
        select $2, $3, $1, 'activity', s, s, at, at
        from unnest($4::text[]) with ordinality as n(s, ordinal), clock_timestamp() as at
        order by ordinal
        returning created_at
      )
      update conversations
      set last_activity_at = greatest(last_activity_at, (select max(created_at) from said))
      where id = $1
    `,
    [locked.id, locked.account_id, locked.inbox_id, said],
  )
}
