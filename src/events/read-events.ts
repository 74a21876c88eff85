// Reads events with their rows, however many, in a constant number of queries. Rows may have changed since: they are
// restored to their state at the end of the event's transaction. Events whose row is gone have none.

import { readOverviews } from '../conversations/list/conversation-rows.ts'
import { readMailTies } from '../conversations/records/mail-authors.ts'
import { readMessages } from '../conversations/records/message-rows.ts'
import {
  agentInclude,
  inboxInclude,
  teamInclude,
  toAgentRow,
  toContactRow,
  toInboxRows,
  toTeamRow,
} from '../conversations/records/row-mapping.ts'
import type { ContactRow, ConversationOverview, MessageSender } from '../conversations/records/rows.ts'
import type { Db } from '../db/client.ts'
import type { Pool } from '../db/pool.ts'
import { contactAsOf, conversationAsOf, inboxAsOf, messageAsOf } from './as-of.ts'
import type { EventConversation, EventDetails, People } from './event-details.ts'
import type { EventRow } from './event-rows.ts'
import { findLastMessages } from './last-messages.ts'
import { boundOf, changeTimesOf, type LaterEvent, readLater } from './moment.ts'

interface Deps {
  readonly db: Db
  readonly pool: Pool
}

/** Events of one account with their rows, as they were at that time. */
export async function readEvents(sql: Deps, accountId: number, events: readonly EventRow[]): Promise<EventDetails[]> {
  if (events.length === 0) return []
  const [account, overviews, messages, mailTies, contacts, inboxes] = await Promise.all([
    sql.db.account.findUnique({ where: { id: accountId }, select: { id: true, name: true } }),
    readOverviews(sql.pool, accountId, idsOf(events, 'conversationId')),
    readMessages(sql.pool, accountId, idsOf(events, 'messageId')),
    readMailTies(sql.pool, idsOf(events, 'messageId')),
    readContacts(sql.db, accountId, [...idsOf(events, 'contactId'), ...performersOf(events, 'contact')]),
    sql.db.inbox.findMany({ where: { accountId, id: { in: idsOf(events, 'inboxId') } }, include: inboxInclude }),
  ])
  if (account === null) return []
  const contactOf = new Map(overviews.map(({ id, contact }) => [id, contact.id]))
  const later = await readLater(sql.pool, {
    conversations: changeTimesOf(events, ({ conversationId }) => [conversationId]),
    contacts: changeTimesOf(events, ({ contactId, conversationId }) => [contactId, contactOf.get(conversationId ?? 0)]),
    inboxes: changeTimesOf(events, ({ inboxId }) => [inboxId]),
  })
  const [conversations, people] = await Promise.all([
    readDetails(sql, { accountId, overviews, events, later }),
    readPeople(sql.db, accountId, { events, later }),
  ])
  const messageById = byId(messages)
  const inboxById = byId(toInboxRows(inboxes))
  return events.map((event) => {
    const moment = { event, later, people }
    const conversation = conversations.get(event)
    const message = messageById.get(event.messageId ?? 0)
    const contact = contacts.get(event.contactId ?? 0)
    const inbox = inboxById.get(event.inboxId ?? 0)
    return {
      event,
      account,
      conversation: conversation === undefined ? null : conversationAsOf(conversation, moment),
      message: message === undefined ? null : messageAsOf(message, moment),
      mailTies: mailTies.get(event.messageId ?? 0) ?? null,
      contact: contact === undefined ? null : contactAsOf(contact, moment),
      inbox: inbox === undefined ? null : inboxAsOf(inbox, moment),
      performer: performerOf(event, people, contacts),
    }
  })
}

async function readPeople(
  db: Db,
  accountId: number,
  { events, later }: { readonly events: readonly EventRow[]; readonly later: readonly LaterEvent[] },
): Promise<People> {
  const changes = [...events, ...later]
  const userIds = [...performersOf(events, 'user'), ...changedOf(changes, 'assignee_id')]
  const [users, teams] = await Promise.all([
    db.user.findMany({ where: { id: { in: userIds } }, include: agentInclude(accountId) }),
    db.team.findMany({ where: { accountId, id: { in: changedOf(changes, 'team_id') } }, include: teamInclude }),
  ])
  return { users: byId(users.map((user) => toAgentRow(user, accountId))), teams: byId(teams.map(toTeamRow)) }
}

async function readContacts(db: Db, accountId: number, ids: readonly number[]): Promise<Map<number, ContactRow>> {
  const records = await db.contact.findMany({ where: { accountId, id: { in: [...ids] } } })
  return byId(records.map(toContactRow))
}

interface EventReading {
  readonly accountId: number
  readonly overviews: readonly ConversationOverview[]
  readonly events: readonly EventRow[]
  readonly later: readonly LaterEvent[]
}

async function readDetails(
  sql: Deps,
  { accountId, overviews, events, later }: EventReading,
): Promise<Map<EventRow, EventConversation>> {
  const overviewById = byId(overviews)
  const shown = events.flatMap((event) => {
    const overview = overviewById.get(event.conversationId ?? 0)
    const bound = boundOf(event, later)
    return overview === undefined ? [] : [{ event, overview, bound, key: `${String(overview.id)} ${String(bound)}` }]
  })
  if (shown.length === 0) return new Map()
  const asked = [...new Map(shown.map((one) => [one.key, one])).values()]
  const rows = await findLastMessages(
    sql.pool,
    asked.map(({ key, overview, bound }) => ({ key, conversation_id: overview.id, bound })),
  )
  const factByKey = new Map(rows.map((row) => [row.key, row]))
  const [contactInboxes, messages] = await Promise.all([
    sql.db.contactInbox.findMany({ where: { id: { in: rows.flatMap(({ contactInbox }) => contactInbox ?? []) } } }),
    readMessages(sql.pool, accountId, [...new Set(rows.flatMap(({ id }) => id ?? []))]),
  ])
  const [contactInboxById, messageById] = [byId(contactInboxes), byId(messages)]
  return new Map(
    shown.map(({ event, overview, key }) => {
      const fact = factByKey.get(key)
      const contactInbox = contactInboxById.get(fact?.contactInbox ?? 0) ?? null
      return [event, { ...overview, contactInbox, lastPublicMessage: messageById.get(fact?.id ?? 0) ?? null }]
    }),
  )
}

function performerOf(
  { performer }: EventRow,
  people: People,
  contacts: ReadonlyMap<number, ContactRow>,
): MessageSender | null {
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
  return events.flatMap(({ performer }) =>
    performer?.startsWith(`${kind}:`) === true ? [Number(performer.split(':')[1])] : [],
  )
}

function changedOf(events: readonly Pick<EventRow, 'changes'>[], name: string): number[] {
  const ids = events.flatMap(({ changes }) => [changes?.[name]?.current_value, changes?.[name]?.previous_value])
  return [...new Set(ids)].filter((id): id is number => typeof id === 'number')
}

function byId<Row extends { readonly id: number }>(rows: readonly Row[]): Map<number, Row> {
  return new Map(rows.map((row) => [row.id, row]))
}
