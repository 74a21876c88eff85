// Reads the changes after an event of the rows that it is about, so that as-of.ts can restore their state at that time.
// A late webhook, and a stream that resumes, get the state of then.

import { columns } from '../db/columns.ts'
import type { Pool } from '../db/pool.ts'
import type { Changes, EventRow } from './event-rows.ts'

export interface LaterEvent {
  readonly id: number
  readonly name: string
  readonly conversationId: number | null
  readonly messageId: number | null
  readonly contactId: number | null
  readonly inboxId: number | null
  readonly changes: Changes | null
  /** The transaction that wrote it; null for those written before this was kept. */
  readonly tx: number | null
}

/** Later events that are looked at for one conversation or contact. */
const maxLater = 20_000

const eventFields = `
  e.id,
  e.name,
  e.conversation_id as "conversationId",
  e.message_id as "messageId",
  e.contact_id as "contactId",
  e.inbox_id as "inboxId",
  e.changes,
  e.tx
`

const conversationStarts = columns({ conversation_id: 'int', first_id: 'bigint' })
const contactStarts = columns({ contact_id: 'int', first_id: 'bigint' }, 3)
const inboxStarts = columns({ inbox_id: 'int', first_id: 'bigint' }, 5)

const laterSql = `select l.*
  from ${conversationStarts.from('q')}
  cross join lateral (
    select ${eventFields}
    from events e
    where e.conversation_id = q.conversation_id
      and e.id > q.first_id
      and (e.changes is not null or e.name = 'message_created')
    order by e.id
    limit ${String(maxLater)}
  ) l
  union all
  select l.*
  from ${contactStarts.from('q')}
  cross join lateral (
    select ${eventFields}
    from events e
    where e.contact_id = q.contact_id
      and e.conversation_id is null
      and e.id > q.first_id
      and e.changes is not null
    order by e.id
    limit ${String(maxLater)}
  ) l
  union all
  select l.*
  from ${inboxStarts.from('q')}
  cross join lateral (
    select ${eventFields}
    from events e
    where e.inbox_id = q.inbox_id
      and e.conversation_id is null
      and e.contact_id is null
      and e.id > q.first_id
      and e.changes is not null
    order by e.id
    limit ${String(maxLater)}
  ) l`

/** The starting points: the first event of each conversation, contact and inbox concerned. */
export interface ChangeTimes {
  readonly conversations: ReadonlyMap<number, number>
  readonly contacts: ReadonlyMap<number, number>
  readonly inboxes: ReadonlyMap<number, number>
}

/** By id of the row, the id of the first of these events about it. Never throws. */
export function changeTimesOf(
  events: readonly EventRow[],
  idsOf: (event: EventRow) => readonly (number | null | undefined)[],
): Map<number, number> {
  const changeTimes = new Map<number, number>()
  for (const event of events)
    for (const id of idsOf(event))
      if (typeof id === 'number') changeTimes.set(id, Math.min(changeTimes.get(id) ?? event.id, event.id))
  return changeTimes
}

/**
 * Later changes of these rows, oldest first; changes of a row have ids in the order in which they were made. Throws
 * when the database is away.
 */
export async function readLater(pool: Pool, { conversations, contacts, inboxes }: ChangeTimes): Promise<LaterEvent[]> {
  const { rows } = await pool.query<LaterEvent>(laterSql, [
    ...conversationStarts.values([...conversations].map(([id, first]) => ({ conversation_id: id, first_id: first }))),
    ...contactStarts.values([...contacts].map(([id, first]) => ({ contact_id: id, first_id: first }))),
    ...inboxStarts.values([...inboxes].map(([id, first]) => ({ inbox_id: id, first_id: first }))),
  ])
  return rows.sort((one, other) => one.id - other.id)
}

/** Of later events those that happened after the transaction of `event`, newest first. Never throws. */
export function sinceThen(later: readonly LaterEvent[], { id, tx }: EventRow): LaterEvent[] {
  return later.filter((one) => one.id > id && (one.tx === null || one.tx !== tx)).reverse()
}

/** Messages of its conversation below this id were there at the event; null = all of them. Never throws. */
export function boundOf(event: EventRow, later: readonly LaterEvent[]): number | null {
  if (event.name === 'message_created' && event.messageId !== null) return event.messageId + 1
  const written = later.filter(
    (one) => one.name === 'message_created' && one.conversationId === event.conversationId && one.id > event.id,
  )
  const [first] = written
  // The first events of a conversation are delivered with it.
  if (event.name === 'conversation_created' && first !== undefined && isSame(first, event))
    return (first.messageId ?? 0) + 1
  return written.find((one) => !isSame(one, event))?.messageId ?? null
}

function isSame(one: LaterEvent, { tx }: EventRow): boolean {
  return one.tx !== null && one.tx === tx
}
