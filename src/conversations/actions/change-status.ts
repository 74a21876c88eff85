// Opening, resolving, snoozing: what a change of status does to a conversation.

import type { Pool, Tx } from '../../db/pool.ts'
import { assignConversation } from '../assignment/assign.ts'
import { changeLocked, type LockedConversation, noteActivities } from '../locked-conversation.ts'
import { nameOf, type Performer } from '../performer.ts'
import { recordEvent } from '../record-event.ts'
import type { ConversationStatus } from '../records/rows.ts'

export interface StatusChange {
  /** Null: open → resolved, everything else → open. */
  readonly status: ConversationStatus | null
  readonly snoozedUntil: Date | null
}

export interface StatusNow {
  readonly status: ConversationStatus
  readonly snoozedUntil: Date | null
}

/**
 * Changes the status of a conversation; null when it is gone. An agent (not administrator) who opens it takes it over;
 * else the next agent in turn gets it. A bot loses it once a person opens it.
 */
export function changeStatus(
  pool: Pool,
  conversationId: number,
  change: StatusChange & { readonly by: Performer },
): Promise<StatusNow | null> {
  return changeLocked(pool, { conversationId, by: change.by }, async (tx, locked) => {
    const status = change.status ?? (locked.status === 'open' ? 'resolved' : 'open')
    return setStatus(tx, locked, { ...change, status })
  })
}

/** As `changeStatus`, in a transaction that has locked the conversation. */
export async function setStatus(
  tx: Tx,
  locked: LockedConversation,
  change: StatusNow & { readonly by: Performer; readonly sentence?: string },
): Promise<StatusNow> {
  const snoozedUntil = change.status === 'snoozed' ? change.snoozedUntil : null
  const taker = takerOf(change)
  await tx.query(
    `
      update conversations
      set
        status = $2::conversation_status,
        updated_at = now(),
        snoozed_until = $3,
        waiting_since = case
          when $2 = 'resolved' then null
          when $4 then coalesce(waiting_since, now())
          else waiting_since
        end,
        assignee_id = coalesce($5, assignee_id),
        assignee_agent_bot_id = case when not $6 then assignee_agent_bot_id end
      where id = $1
    `,
    [locked.id, change.status, snoozedUntil, isHandoff(locked, change), taker?.id ?? null, isPeoples(locked, change)],
  )
  if (isHandoff(locked, change))
    await recordEvent(tx, { accountId: locked.account_id, name: 'conversation_bot_handoff', conversationId: locked.id })
  const takes =
    taker !== null && taker.id !== locked.assignee_id ? `${taker.name} self-assigned this conversation` : null
  await noteActivities(tx, locked, [statusSentence(locked, change), takes])
  if (change.status === 'open' && locked.status !== 'open') await assignConversation(tx, locked.id, change.by)
  return { status: change.status, snoozedUntil }
}

// An agent who opens a conversation takes it over; administrators look after it only.
function takerOf({ status, by }: { readonly status: ConversationStatus; readonly by: Performer }) {
  return status === 'open' && by.kind === 'user' && by.role === 'agent' ? by : null
}

// An agent who opens a conversation by hand, or gets it assigned, takes it over from the bot.
function isPeoples(
  locked: LockedConversation,
  change: { readonly status: ConversationStatus; readonly by: Performer },
): boolean {
  return (change.status === 'open' && change.by.kind === 'user') || isHandoff(locked, change)
}

/** A bot hands its conversation over to agents: it is open, and its contact waits from now on. */
function isHandoff(
  locked: LockedConversation,
  change: { readonly status: ConversationStatus; readonly by: Performer },
): boolean {
  return change.by.kind === 'agent_bot' && locked.status === 'pending' && change.status === 'open'
}

const sentences: Readonly<Record<ConversationStatus, string>> = {
  resolved: 'Conversation was marked resolved by',
  open: 'Conversation was reopened by',
  pending: 'Conversation was marked as pending by',
  snoozed: 'Conversation was snoozed by',
}

function statusSentence(
  locked: LockedConversation,
  change: { readonly status: ConversationStatus; readonly by: Performer; readonly sentence?: string },
): string | null {
  if (locked.status === change.status) return null
  if (change.sentence !== undefined) return change.sentence
  if (change.by.kind === 'contact' && change.status === 'resolved')
    return `Conversation was resolved by ${change.by.name}`
  const name = nameOf(change.by)
  return name === null ? null : `${sentences[change.status]} ${name}`
}
