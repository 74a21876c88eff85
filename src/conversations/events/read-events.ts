// Events with what they tell of, however many, in a constant number of queries. Rows may have changed since: what an event says of its own
// changes counts, so that it tells what happened then. Events whose row is gone tell nothing.

import type { Db } from '../../db/client.ts'
import type { Pool } from '../../db/pool.ts'
import { readOverviews } from '../list/conversation-rows.ts'
import { readMessages } from '../messages/message-rows.ts'
import { agentInclude, inboxInclude, teamInclude, toAgentRow, toContactRow, toInboxRow, toTeamRow } from '../row-mapping.ts'
import type { ContactRow, MessageSender } from '../rows.ts'
import { eventColumns, type EventRow } from './event-rows.ts'
import type { People, ToldConversation, ToldEvent } from './told-event.ts'
import { conversationAsOf, messageAsOf } from './as-of.ts'

interface Ground {
  readonly db: Db
  readonly pool: Pool
}

/** The events of an account behind `position`, in their order. */
export async function listEvents(pool: Pool, accountId: number, after: { readonly position: number; readonly limit: number }): Promise<EventRow[]> {
  const { rows } = await pool.query<EventRow>(`select ${eventColumns} from events e where e.account_id = $1 and e.position > $2 order by e.position limit $3`, [accountId, after.position, after.limit])
  return rows
}

/** The event at a position; null when it is no longer kept. */
export async function findEvent(pool: Pool, accountId: number, position: number): Promise<EventRow | null> {
  const { rows } = await pool.query<EventRow>(`select ${eventColumns} from events e where e.account_id = $1 and e.position = $2`, [accountId, position])
  return rows[0] ?? null
}

/** Events of one account with what they tell of. */
export async function readEvents(sql: Ground, accountId: number, events: readonly EventRow[]): Promise<ToldEvent[]> {
  if (events.length === 0) return []
  const [account, conversations, messages, contacts, inboxes, people] = await Promise.all([
    sql.db.account.findUnique({ where: { id: accountId }, select: { id: true, name: true } }),
    readTold(sql, accountId, idsOf(events, 'conversationId')),
    readMessages(sql.pool, accountId, idsOf(events, 'messageId')),
    readContacts(sql.db, accountId, [...idsOf(events, 'contactId'), ...performersOf(events, 'contact')]),
    sql.db.inbox.findMany({ where: { accountId, id: { in: idsOf(events, 'inboxId') } }, include: inboxInclude }),
    readPeople(sql.db, accountId, events),
  ])
  if (account === null) return []
  const messageById = byId(messages)
  const inboxById = byId(inboxes.map(toInboxRow))
  return events.map((event) => {
    const conversation = conversations.get(event.conversationId ?? 0)
    const message = messageById.get(event.messageId ?? 0)
    return {
      event,
      account,
      conversation: conversation === undefined ? null : conversationAsOf(conversation, event, people),
      message: message === undefined ? null : messageAsOf(message, event),
      contact: contacts.get(event.contactId ?? 0) ?? null,
      inbox: inboxById.get(event.inboxId ?? 0) ?? null,
      performer: performerOf(event, people, contacts),
    }
  })
}

async function readPeople(db: Db, accountId: number, events: readonly EventRow[]): Promise<People> {
  const userIds = [...performersOf(events, 'user'), ...changedTo(events, 'assignee_id')]
  const [users, teams] = await Promise.all([
    db.user.findMany({ where: { id: { in: userIds } }, include: agentInclude(accountId) }),
    db.team.findMany({ where: { accountId, id: { in: changedTo(events, 'team_id') } }, include: teamInclude }),
  ])
  return { users: byId(users.map((user) => toAgentRow(user, accountId))), teams: byId(teams.map(toTeamRow)) }
}

async function readContacts(db: Db, accountId: number, ids: readonly number[]): Promise<Map<number, ContactRow>> {
  const records = await db.contact.findMany({ where: { accountId, id: { in: [...ids] } } })
  return byId(records.map(toContactRow))
}

async function readTold(sql: Ground, accountId: number, ids: number[]): Promise<Map<number, ToldConversation>> {
  if (ids.length === 0) return new Map()
  const [overviews, facts] = await Promise.all([
    readOverviews(sql.pool, accountId, ids),
    sql.pool.query<{ id: number; place: number | null; last: number | null }>(
      `select c.id, (select m.id from messages m where m.conversation_id = c.id and m.message_type <> 'activity' and not m.private order by m.id desc limit 1) as last, c.contact_inbox_id as place
       from conversations c where c.id = any($1)`,
      [ids],
    ),
  ])
  const factById = byId(facts.rows)
  const [places, messages] = await Promise.all([
    sql.db.contactInbox.findMany({ where: { id: { in: facts.rows.flatMap(({ place }) => (place === null ? [] : [place])) } } }),
    readMessages(
      sql.pool,
      accountId,
      facts.rows.flatMap(({ last }) => (last === null ? [] : [last])),
    ),
  ])
  const [placeById, messageById] = [byId(places), byId(messages)]
  return byId(
    overviews.map((overview) => {
      const fact = factById.get(overview.id)
      return { ...overview, place: placeById.get(fact?.place ?? 0) ?? null, lastPublicMessage: messageById.get(fact?.last ?? 0) ?? null }
    }),
  )
}

function performerOf({ performer }: EventRow, people: People, contacts: ReadonlyMap<number, ContactRow>): MessageSender | null {
  const [kind, id] = (performer ?? '').split(':')
  const user = kind === 'user' ? people.users.get(Number(id)) : undefined
  if (user !== undefined) return { type: 'user', ...user }
  const contact = kind === 'contact' ? contacts.get(Number(id)) : undefined
  return contact === undefined ? null : { type: 'contact', ...contact }
}

function idsOf(events: readonly EventRow[], name: 'conversationId' | 'messageId' | 'contactId' | 'inboxId'): number[] {
  return [...new Set(events.flatMap((event) => event[name] ?? []))]
}

function performersOf(events: readonly EventRow[], kind: 'user' | 'contact'): number[] {
  return events.flatMap(({ performer }) => (performer?.startsWith(`${kind}:`) === true ? [Number(performer.split(':')[1])] : []))
}

function changedTo(events: readonly EventRow[], name: string): number[] {
  return events.flatMap(({ changes }) => {
    const id = changes?.[name]?.current_value
    return typeof id === 'number' ? [id] : []
  })
}

function byId<Row extends { readonly id: number }>(rows: readonly Row[]): Map<number, Row> {
  return new Map(rows.map((row) => [row.id, row]))
}
