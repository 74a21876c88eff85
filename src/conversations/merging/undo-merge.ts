// Undoes a merge: what was moved goes back, what came later stays in the target. The latest merge goes first, where
// one led on to the next.

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
  undoDays,
  withoutEvents,
} from './merge-rows.ts'

interface Row {
  readonly id: number
  readonly target_id: number
  readonly merged_id: number
  readonly message_ids: readonly number[]
  readonly kept: MergeState
  readonly undone: boolean
  readonly expired: boolean
}

const rowSql = `select id,
    target_id,
    merged_id,
    message_ids,
    kept,
    undone_at is not null as undone,
    created_at < now() - interval '${String(undoDays)} days' as expired
  from conversation_merges`

/** Undoes a merge into this conversation; null when there is none with this id. Throws 409 with a sentence. */
export function undoMerge(
  pool: Pool,
  { targetId, mergeId, by }: { readonly targetId: number; readonly mergeId: number; readonly by: Performer },
): Promise<true | null> {
  return withDeadlockRetry(pool, async (tx) => {
    await setPerformer(tx, by)
    const first = await queryOne<Row>(tx, `${rowSql} where id = $1 and target_id = $2`, [mergeId, targetId])
    if (first === null) return null
    const sides = await lockSides(tx, [first.target_id, first.merged_id])
    const row = await queryOne<Row>(tx, `${rowSql} where id = $1`, [mergeId])
    const [target, merged] = [sides.get(first.target_id), sides.get(first.merged_id)]
    if (row === null || target === undefined || merged === undefined) return null
    if (row.undone) throw refuseMerge('This merge was already undone')
    if (target.status === 'merged')
      throw refuseMerge('This conversation was later merged into another: undo that merge first')
    if (row.expired) throw refuseMerge(`A merge can be undone for ${String(undoDays)} days`)
    await undo(tx, { row, target, merged })
    const name = nameOf(by) ?? 'The system'
    await noteActivities(tx, target, [`${name} undid the merge of conversation #${String(merged.display_id)}`])
    await noteActivities(tx, merged, [`${name} undid the merge into #${String(target.display_id)}`])
    return true as const
  })
}

/** Undoes all merges of and into conversations that are about to be deleted, the latest first. */
export async function undoMergesOf(tx: Tx, where: 'id' | 'contact_id', id: number): Promise<void> {
  const { rows } = await tx.query<Row>(
    `${rowSql}
     where undone_at is null
       and (
         target_id in (select c.id from conversations c where c.${where} = $1)
         or merged_id in (select c.id from conversations c where c.${where} = $1)
         or target_id in (
           select c.merged_into_id from conversations c where c.${where} = $1 and c.merged_into_id is not null
         )
       )
     order by id desc`,
    [id],
  )
  if (rows.length === 0) return
  const sides = await lockSides(tx, [...new Set(rows.flatMap((row) => [row.target_id, row.merged_id]))])
  for (const row of rows) {
    const [target, merged] = [sides.get(row.target_id), sides.get(row.merged_id)]
    if (target !== undefined && merged !== undefined) await undo(tx, { row, target, merged })
  }
}

interface Undoing {
  readonly row: Row
  readonly target: Side
  readonly merged: Side
}

async function undo(tx: Tx, { row, target, merged }: Undoing): Promise<void> {
  await moveBack(tx, row)
  await part(tx, row, target)
  const { kept } = row
  await withoutEvents(tx, merged.id, async () => {
    await tx.query(
      `update conversations set
         status = $2::conversation_status,
         merged_into_id = null,
         snoozed_until = $3::timestamptz,
         waiting_since = $4::timestamptz,
         updated_at = now()
       where id = $1`,
      [merged.id, kept.merged.status, kept.merged.snoozed_until, kept.merged.waiting_since],
    )
  })
  await tx.query('update conversations set merged_into_id = $1 where id = any($2) and merged_into_id = $3', [
    merged.id,
    kept.followers,
    target.id,
  ])
  await restoreTarget(tx, row, target)
  await countActivity(tx, [target.id, merged.id])
  await tx.query('update conversation_merges set undone_at = now() where id = $1', [row.id])
  await announceMerge(tx, 'conversation_unmerged', { target, merged, mergeId: row.id })
  await announceStatus(tx, merged, ['resolved', kept.merged.status])
}

async function moveBack(
  tx: Tx,
  { message_ids: ids, target_id: targetId, merged_id: mergedId, kept }: Row,
): Promise<void> {
  const { rows } = await tx.query<{ id: number }>(
    `update messages set
       conversation_id = $1,
       source_id = coalesce($4::jsonb ->> id::text, source_id)
     where id = any($2) and conversation_id = $3
     returning id`,
    [mergedId, ids, targetId, JSON.stringify(kept.source_ids)],
  )
  await tx.query('update message_words set conversation_id = $1 where message_id = any($2)', [
    mergedId,
    rows.map(({ id }) => id),
  ])
}

// Records that another merge also brought stay, and so do participants who have written in the target since.
async function part(tx: Tx, { id, kept }: Row, { id: targetId }: Side): Promise<void> {
  const others = `
    select o.merged_id
    from conversation_merges o
    where o.target_id = $1 and o.undone_at is null and o.id <> $3
  `
  const values = (list: readonly unknown[]) => [targetId, list, id]
  await tx.query(
    `delete from conversation_participants p
     where p.conversation_id = $1
       and p.user_id = any($2)
       and not exists (
         select 1 from conversation_participants q where q.user_id = p.user_id and q.conversation_id in (${others})
       )`,
    values(kept.participants),
  )
  await tx.query(
    `delete from mentions p
     where p.conversation_id = $1
       and p.user_id = any($2)
       and not exists (select 1 from mentions q where q.user_id = p.user_id and q.conversation_id in (${others}))`,
    values(kept.mentions),
  )
  await tx.query(
    `delete from conversation_contacts p
     where p.conversation_id = $1
       and p.contact_id = any($2)
       and not exists (
         select 1 from conversations q where q.contact_id = p.contact_id and q.id in (${others})
       )
       and not exists (
         select 1 from conversation_contacts q where q.contact_id = p.contact_id and q.conversation_id in (${others})
       )
       and not exists (
         select 1 from messages w
         where w.conversation_id = $1 and w.sender_type = 'contact' and w.sender_id = p.contact_id
       )`,
    values(kept.contacts),
  )
  await tx.query(
    `update conversations c set
       labels = array(
         select l from unnest(c.labels) with ordinality as u(l, ordinal)
         where l <> all ($2::text[])
           or exists (select 1 from conversations q where q.id in (${others}) and l = any (q.labels))
         order by ordinal
       )
     where c.id = $1`,
    values(kept.labels),
  )
}

// Unless a person has changed it since. Resolving it again is not a resolution: nothing is counted, no survey leaves.
async function restoreTarget(tx: Tx, { kept }: Row, side: Side): Promise<void> {
  const { target, merged } = kept
  const status = side.status === target.status_after ? target.status : side.status
  await withoutEvents(tx, side.id, async () => {
    await tx.query(
      `
        update conversations
        set
          status = $2::conversation_status,
          snoozed_until = case
            when $2::conversation_status = 'snoozed' and status <> 'snoozed' then $3::timestamptz
            else snoozed_until
          end,
          waiting_since = case when waiting_since = $4::timestamptz then $5::timestamptz else waiting_since end,
          updated_at = now()
        where id = $1
      `,
      [side.id, status, target.snoozed_until, merged.waiting_since, target.waiting_since],
    )
  })
  await announceStatus(tx, side, [side.status, status])
}
