// Merges a conversation into another (docs/adr/0040-merging-conversations.md): its messages move, its people take
// part, mail for it leads into the other. All that is needed to undo it is kept.

import { isEmailSql } from '../../contracts/channels.ts'
import { type Pool, queryOne, type Tx, withDeadlockRetry } from '../../db/pool.ts'
import { noteActivities } from '../locked-conversation.ts'
import { nameOf, type Performer, setPerformer } from '../performer.ts'
import {
  announceMerge,
  announceStatus,
  countActivity,
  lockSides,
  type MergeState,
  refuseMerge,
  type Side,
  withoutEvents,
} from './merge-rows.ts'

export interface Merging {
  readonly targetId: number
  readonly mergedId: number
  readonly by: Performer
}

/** Merges; answers the merge's id, or null when either is gone. Throws 409 and 422 with a sentence. */
export function mergeConversations(pool: Pool, merging: Merging): Promise<number | null> {
  return withDeadlockRetry(pool, async (tx) => {
    await setPerformer(tx, merging.by)
    const sides = await lockSides(tx, [merging.targetId, merging.mergedId])
    const [target, merged] = [sides.get(merging.targetId), sides.get(merging.mergedId)]
    if (target === undefined || merged === undefined) return null
    await refuseWrong(tx, target, merged)
    return merge(tx, { target, merged, by: merging.by })
  })
}

async function refuseWrong(tx: Tx, target: Side, merged: Side): Promise<void> {
  if (target.id === merged.id) throw refuseMerge('A conversation cannot be merged into itself', 'malformed')
  for (const { status, display_id: displayId } of [target, merged])
    if (status === 'merged') throw refuseMerge(`Conversation #${String(displayId)} is already merged into another`)
  // An agent who sees one inbox would read messages of another.
  if (target.inbox_id !== merged.inbox_id)
    throw refuseMerge('Conversations of different inboxes cannot be merged', 'malformed')
  await refuseByFacts(tx, target, merged)
}

async function refuseByFacts(tx: Tx, target: Side, merged: Side): Promise<void> {
  const facts = await queryOne<{ is_email: boolean; same_recipient: boolean; leaving: boolean }>(
    tx,
    `select ${isEmailSql} as is_email,
       t.email is not distinct from m.email as same_recipient,
       exists (
         select 1 from messages l
         where l.conversation_id = $2
           and l.message_type in ('outgoing', 'template')
           and l.content_attributes #>> '{delivery,state}' in ('queued', 'retrying')
           and l.status <> 'failed'
       ) as leaving
     from conversation_recipients t
       join conversation_recipients m on m.conversation_id = $2
       join inboxes i on i.id = $3
       join channels ch on ch.id = i.channel_id
     where t.conversation_id = $1`,
    [target.id, merged.id, target.inbox_id],
  )
  if (facts === null) return
  // A visitor sees the conversations of their session.
  if (!facts.is_email && target.contact_inbox_id !== merged.contact_inbox_id)
    throw refuseMerge('Conversations of two visitors cannot be merged', 'malformed')
  // A waiting mail would be sent to the recipient of the other conversation.
  if (!facts.same_recipient && facts.leaving)
    throw refuseMerge(`A message of conversation #${String(merged.display_id)} has not been sent yet: try again later`)
}

interface Sides {
  readonly target: Side
  readonly merged: Side
  readonly by: Performer
}

async function merge(tx: Tx, { target, merged, by }: Sides): Promise<number> {
  const sourceIds = await clearDoubles(tx, target.id, merged.id)
  await pinFailed(tx, target.id, merged.id)
  const messageIds = await moveMessages(tx, target.id, merged.id)
  const people = await unitePeople(tx, target, merged)
  const labels = merged.labels.filter((label) => !target.labels.includes(label))
  // A customer who waits in the merged one waits in the target.
  const opens = ['open', 'pending'].includes(merged.status) && ['resolved', 'snoozed'].includes(target.status)
  const statusAfter = opens ? 'open' : target.status
  await tx.query(
    `update conversations set
       status = $2::conversation_status,
       snoozed_until = case when $3 then null else snoozed_until end,
       labels = labels || $4::text[],
       waiting_since = least(waiting_since, $5::timestamptz),
       updated_at = now()
     where id = $1`,
    [target.id, statusAfter, opens, labels, merged.waiting_since],
  )
  const followers = await follow(tx, target.id, merged.id)
  const kept: MergeState = {
    merged: stateOf(merged),
    target: { ...stateOf(target), status_after: statusAfter },
    labels,
    ...people,
    source_ids: sourceIds,
    followers,
  }
  const name = nameOf(by) ?? 'The system'
  await noteActivities(tx, target, [`${name} merged conversation #${String(merged.display_id)} into this one`])
  await noteActivities(tx, merged, [`${name} merged this conversation into #${String(target.display_id)}`])
  await countActivity(tx, [target.id])
  const row = await queryOne<{ id: number }>(
    tx,
    `insert into conversation_merges (account_id, target_id, merged_id, user_id, message_ids, kept)
     values ($1, $2, $3, $4, $5, $6)
     returning id`,
    [target.account_id, target.id, merged.id, by.kind === 'user' ? by.id : null, messageIds, JSON.stringify(kept)],
  )
  const mergeId = row?.id ?? 0
  await announceMerge(tx, 'conversation_merged', { target, merged, mergeId })
  await announceStatus(tx, merged, [merged.status, 'resolved'])
  return mergeId
}

function stateOf({ status, snoozed_until, waiting_since }: Side): MergeState['merged'] {
  return { status, snoozed_until, waiting_since }
}

// A mail that was in both has one Message-ID, which a conversation has once.
async function clearDoubles(tx: Tx, targetId: number, mergedId: number): Promise<MergeState['source_ids']> {
  const { rows } = await tx.query<{ id: number; source_id: string }>(
    `select m.id, m.source_id
     from messages m
       join messages t on t.conversation_id = $1 and t.source_id = m.source_id
     where m.conversation_id = $2`,
    [targetId, mergedId],
  )
  if (rows.length > 0)
    await tx.query('update messages set source_id = null where id = any($1)', [rows.map(({ id }) => id)])
  return Object.fromEntries(rows.map(({ id, source_id: sourceId }) => [String(id), sourceId]))
}

// A message that is sent again goes to its original recipients.
async function pinFailed(tx: Tx, targetId: number, mergedId: number): Promise<void> {
  await tx.query(
    `update messages m
     set content_attributes = m.content_attributes || jsonb_build_object('to_emails', jsonb_build_array(r.email))
     from conversation_recipients r, conversation_recipients t
     where m.conversation_id = $2
       and r.conversation_id = $2
       and t.conversation_id = $1
       and r.email is distinct from t.email
       and r.email is not null
       and m.message_type in ('outgoing', 'template')
       and not m.private
       and m.status = 'failed'
       and coalesce(m.content_attributes -> 'to_emails', '[]') in ('[]', '""', 'null')`,
    [targetId, mergedId],
  )
}

async function moveMessages(tx: Tx, targetId: number, mergedId: number): Promise<number[]> {
  const { rows } = await tx.query<{ id: number }>(
    `update messages set conversation_id = $1
     where conversation_id = $2 and message_type <> 'activity'
     returning id`,
    [targetId, mergedId],
  )
  await tx.query('update message_words set conversation_id = $1 where conversation_id = $2', [targetId, mergedId])
  return rows.map(({ id }) => id).toSorted((one, other) => one - other)
}

async function unitePeople(
  tx: Tx,
  target: Side,
  merged: Side,
): Promise<Pick<MergeState, 'participants' | 'mentions' | 'contacts'>> {
  const participants = await tx.query<{ id: number }>(
    `insert into conversation_participants (conversation_id, user_id)
     select $1, user_id from conversation_participants where conversation_id = $2
     on conflict do nothing
     returning user_id as id`,
    [target.id, merged.id],
  )
  const mentions = await tx.query<{ id: number }>(
    `insert into mentions (conversation_id, user_id, mentioned_at)
     select $1, user_id, mentioned_at from mentions where conversation_id = $2
     on conflict do nothing
     returning user_id as id`,
    [target.id, merged.id],
  )
  const contacts = await tx.query<{ id: number }>(
    `insert into conversation_contacts (conversation_id, contact_id)
     select $1, k.id
     from (
       select $3::int as id
       union
       select contact_id from conversation_contacts where conversation_id = $2
     ) k
     where k.id <> $4
     on conflict do nothing
     returning contact_id as id`,
    [target.id, merged.id, merged.contact_id, target.contact_id],
  )
  const idsOf = ({ rows }: { readonly rows: readonly { readonly id: number }[] }) => rows.map(({ id }) => id)
  return { participants: idsOf(participants), mentions: idsOf(mentions), contacts: idsOf(contacts) }
}

// The merged one, and those that were merged into it before, are found in the target from now on.
async function follow(tx: Tx, targetId: number, mergedId: number): Promise<number[]> {
  const { rows } = await tx.query<{ id: number }>(
    'update conversations set merged_into_id = $1 where merged_into_id = $2 returning id',
    [targetId, mergedId],
  )
  await withoutEvents(tx, mergedId, async () => {
    await tx.query(
      `update conversations set
         status = 'merged',
         merged_into_id = $1,
         snoozed_until = null,
         waiting_since = null,
         updated_at = now()
       where id = $2`,
      [targetId, mergedId],
    )
  })
  return rows.map(({ id }) => id)
}
