// The data that a merge stores, so that it can be undone exactly, and the two locked conversations.

import { queryOne, type Tx } from '../../db/pool.ts'
import { MailError } from '../../errors.ts'
import { recordEvent } from '../record-event.ts'

/** For how long a merge can be undone. */
export const undoDays = 30

export interface Merge {
  readonly id: number
  /** Display ids. */
  readonly conversationId: number
  readonly mergedConversationId: number
  readonly messageCount: number
  readonly userId: number | null
  readonly createdAt: Date
  readonly undoUntil: Date
  readonly undoneAt: Date | null
}

export const mergeColumns = `g.id,
  t.display_id as "conversationId",
  m.display_id as "mergedConversationId",
  cardinality(g.message_ids) as "messageCount",
  g.user_id as "userId",
  g.created_at as "createdAt",
  g.created_at + interval '${String(undoDays)} days' as "undoUntil",
  g.undone_at as "undoneAt"`
export const fromMerges = `conversation_merges g
  join conversations t on t.id = g.target_id
  join conversations m on m.id = g.merged_id`

/** The contents of the column `kept`. */
export interface MergeState {
  readonly merged: {
    readonly status: string
    readonly snoozed_until: string | null
    readonly waiting_since: string | null
  }
  readonly target: {
    readonly status: string
    readonly snoozed_until: string | null
    readonly waiting_since: string | null
    /** The result of the merge. */
    readonly status_after: string
  }
  /** Additions to the target. */
  readonly labels: readonly string[]
  readonly participants: readonly number[]
  readonly mentions: readonly number[]
  readonly contacts: readonly number[]
  /** Message-IDs that both had, by the message that lost its own. */
  readonly source_ids: Readonly<Record<string, string>>
  /** Conversations that had been merged into the merged one. */
  readonly followers: readonly number[]
}

/** A conversation of two that are held. */
export interface Side {
  readonly id: number
  readonly display_id: number
  readonly account_id: number
  readonly inbox_id: number
  readonly contact_id: number
  readonly contact_inbox_id: number | null
  readonly status: string
  readonly snoozed_until: string | null
  readonly waiting_since: string | null
  readonly labels: readonly string[]
}

/** Locks conversations in the one order of all locks, then reads them. */
export async function lockSides(tx: Tx, ids: readonly number[]): Promise<ReadonlyMap<number, Side>> {
  await tx.query('select 1 from conversations where id = any($1) order by id for no key update', [ids])
  const { rows } = await tx.query<Side>(
    `select id,
       display_id,
       account_id,
       inbox_id,
       contact_id,
       contact_inbox_id,
       status,
       snoozed_until::text,
       waiting_since::text,
       labels
     from conversations
     where id = any($1)`,
    [ids],
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/** A refusal that the client may read. */
export function refuseMerge(sentence: string, kind: 'conflict' | 'malformed' = 'conflict'): MailError {
  return new MailError(kind, sentence, { publicMessage: sentence })
}

/** The event names the target; the other conversation is in its facts, by its number. */
export async function announceMerge(
  tx: Tx,
  name: 'conversation_merged' | 'conversation_unmerged',
  { target, merged, mergeId }: { readonly target: Side; readonly merged: Side; readonly mergeId: number },
): Promise<void> {
  await recordEvent(tx, {
    accountId: target.account_id,
    name,
    conversationId: target.id,
    facts: { merge_id: mergeId, merged_conversation_id: merged.display_id },
  })
}

/** Records the event of a status that was changed without one. Clients see a merged conversation as resolved. */
export async function announceStatus(
  tx: Tx,
  { id, account_id: accountId, contact_id: contactId, inbox_id: inboxId }: Side,
  [before, now]: readonly [before: string, now: string],
): Promise<void> {
  if (before === now) return
  await tx.query(
    `insert into events (account_id, name, conversation_id, contact_id, inbox_id, performer, changes)
     values ($1, 'conversation_status_changed', $2, $3, $4, rethread_performer(), $5::jsonb)`,
    [accountId, id, contactId, inboxId, JSON.stringify({ status: { previous_value: before, current_value: now } })],
  )
}

/** Changes of the conversation meanwhile make no events and no report facts: the merge has its own event. */
export async function withoutEvents(tx: Tx, conversationId: number, action: () => Promise<void>): Promise<void> {
  const reported = await queryOne<{ last: string }>(
    tx,
    `select coalesce(max(id), 0) as last, set_config('rethread.silent', 'on', true)
     from reporting_events
     where conversation_id = $1`,
    [conversationId],
  )
  await action()
  await tx.query(`select set_config('rethread.silent', '', true)`)
  await tx.query('delete from reporting_events where conversation_id = $1 and id > $2::bigint', [
    conversationId,
    reported?.last ?? 0,
  ])
}

/** The times of activity of both conversations, computed from their messages. */
export async function countActivity(tx: Tx, ids: readonly number[]): Promise<void> {
  await tx.query(
    `
      update conversations c
      set
        last_activity_at = coalesce(
          (select max(m.created_at) from messages m where m.conversation_id = c.id), c.created_at
        ),
        last_incoming_at = (
          select max(m.created_at)
          from messages m
          where m.conversation_id = c.id and m.message_type = 'incoming'
        ),
        updated_at = now()
      where c.id = any($1)
    `,
    [ids],
  )
}
