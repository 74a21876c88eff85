// The ledger's side of the belt: a group of judged mails becomes messages in one transaction, together with the end
// of each mail's story and the outgoing work that it causes (DESIGN S4). One bad mail never fails its neighbours: a
// group that fails is done again singly.

import { inTransaction, type Pool, statement, together, type Tx } from '../../db/pool.ts'
import { boundName } from '../../mail/bounds.ts'
import { enqueue, type NewWork } from '../../queue/work.ts'
import { noteWaiting } from '../assignment/assign-work.ts'
import { findOrCreateContactByEmail } from '../contacts/contact-by-email.ts'
import { minLength } from '../language/note-language.ts'
import { heldNoticesOf } from '../notices/held.ts'
import { noteUnheard, type Unheard } from '../notices/watchers.ts'
import type {
  AppendAsAgent,
  AppendIncoming,
  OpenConversation,
  Order,
  Placed,
  ReportOnMessage,
  Settlement,
} from '../records/append-order.ts'
import { insertAttachments } from './append-attachments.ts'
import { insertMessages, RaceError, type Ready } from './append-message.ts'
import { applyReports } from './apply-report.ts'
import { openConversation } from './open-conversation.ts'
import { nameOutgoing, noteParticipants, touchConversations } from './touch-conversations.ts'

export { RaceError } from './append-message.ts'
export type { Order } from '../records/append-order.ts'

export interface AppendOptions {
  readonly pool: Pool
  readonly defaultDomain: string
  /** Told after a commit that wrote outgoing work. */
  readonly onWork: () => void
  /** Told after every commit: what happened is to be announced. */
  readonly onAppended?: () => void
}

/** What became of one mail: settled (perhaps by another process), or the error that kept it. */
export type AppendResult =
  | { readonly inboundEmailId: number; readonly error: null }
  | { readonly inboundEmailId: number; readonly error: unknown }

export type AppendGroup = (orders: readonly Order[], settlement: Settlement) => Promise<AppendResult[]>

/** Appends and settles; never throws: each mail has its own result. */
export function createAppendGroup(options: AppendOptions): AppendGroup {
  const attempt = async (orders: readonly Order[], settlement: Settlement): Promise<AppendResult[]> => {
    const worked = await inTransaction(options.pool, (tx) => appendAll(tx, orders, { ...options, ...settlement }))
    if (worked) options.onWork()
    options.onAppended?.()
    return orders.map(({ inboundEmailId }) => ({ inboundEmailId, error: null }))
  }
  return async (orders, settlement) => {
    try {
      return await attempt(orders, settlement)
    } catch (error) {
      if (orders.length === 1) return orders.map(({ inboundEmailId }) => ({ inboundEmailId, error }))
    }
    const results: AppendResult[] = []
    for (const order of orders) {
      results.push(
        ...(await attempt([order], settlement).catch((error: unknown) => [
          { inboundEmailId: order.inboundEmailId, error },
        ])),
      )
    }
    return results
  }
}

// What needs no answer of the database before it is sent with what does: four round trips for a whole group.
async function appendAll(tx: Tx, orders: readonly Order[], context: AppendOptions & Settlement): Promise<boolean> {
  const [open] = await together([
    context.lock(
      tx,
      orders.map((order) => order.inboundEmailId),
    ),
    lockConversations(tx, orders),
  ])
  const mine = orders.filter((order) => open.has(order.inboundEmailId))
  const ready: Ready[] = []
  for (const order of mine) ready.push(...(await prepare(tx, order)))
  const [messageIds, agents, reported, , reopened] = await together([
    insertMessages(tx, ready),
    findAgentsToTell(tx, ready),
    applyReports(tx, mine.filter(isReport)),
    noteParticipants(tx, ready),
    touchConversations(tx, ready),
  ])
  const opened = openedBy(mine, ready)
  const work = [
    ...workOf(ready, messageIds),
    ...noticesOf(ready, messageIds, agents),
    ...languageOf(opened, messageIds),
    ...heldNoticesOf(mine),
  ]
  const placed = new Map<number, Placed>(
    ready.map(({ order }) => [
      order.inboundEmailId,
      {
        inboundEmailId: order.inboundEmailId,
        conversationId: order.decision.conversationId,
        messageId: messageIds.get(order.inboundEmailId) ?? null,
      },
    ]),
  )
  const [, , , , waits, unheard] = await together([
    insertAttachments(
      tx,
      ready.map(({ order }) => order),
      messageIds,
    ),
    nameOutgoing(tx, agentMessages(ready, messageIds), context.defaultDomain),
    enqueue(tx, work),
    context.settle(
      tx,
      mine.map(
        ({ inboundEmailId }) =>
          placed.get(inboundEmailId) ??
          reported.get(inboundEmailId) ?? { inboundEmailId, conversationId: null, messageId: null },
      ),
    ),
    noteWaiting(tx, [...reopened, ...opened.map(({ order }) => order.decision.conversationId)]),
    // After the row that assigns the conversation: an assignee is mailed as such.
    noteUnheard(tx, unheardOf(ready, messageIds, { agents, opened })),
  ])
  return work.length > 0 || waits || unheard
}

const lockSql = statement('select merged_into_id from conversations where id = any($1) order by id for no key update')

// In the order of ids, so that two groups never wait for each other in a circle.
async function lockConversations(tx: Tx, orders: readonly Order[]): Promise<void> {
  const ids = orders.flatMap(({ decision }) => {
    if ('conversationId' in decision) return [decision.conversationId]
    return decision.act === 'open' ? (decision.linkedToId ?? []) : []
  })
  if (ids.length === 0) return
  const { rows } = await tx.query<{ merged_into_id: number | null }>(lockSql([[...new Set(ids)]]))
  // Merged since the mail was judged: judged again, it finds the conversation that has the messages now.
  if (rows.some((row) => row.merged_into_id !== null)) throw new RaceError(null)
}

async function prepare(tx: Tx, order: Order): Promise<Ready[]> {
  const { decision } = order
  if (decision.act === 'open') return [await openConversation(tx, order as Order<OpenConversation>)]
  if (decision.act === 'append')
    return [{ order: order as Order<AppendIncoming>, senderId: await findSender(tx, decision) }]
  if (decision.act === 'append-as-agent') return [{ order: order as Order<AppendAsAgent>, senderId: decision.userId }]
  return []
}

async function findSender(tx: Tx, decision: AppendIncoming): Promise<number | null> {
  if (decision.contactId === null && decision.speaker.address === '') return null
  return decision.contactId ?? contactOf(tx, decision)
}

async function contactOf(tx: Tx, decision: AppendIncoming): Promise<number> {
  const { rows } = await tx.query<{ account_id: number; inbox_id: number }>(
    'select account_id, inbox_id from conversations where id = $1',
    [decision.conversationId],
  )
  const [row] = rows
  if (row === undefined) throw new Error(`conversation ${String(decision.conversationId)} is gone`)
  return (
    await findOrCreateContactByEmail(tx, {
      accountId: row.account_id,
      inboxId: row.inbox_id,
      email: decision.speaker.address,
      name: boundName(decision.speaker.name),
    })
  ).contactId
}

function openedBy(mine: readonly Order[], ready: readonly Ready[]): Ready[] {
  const openers = new Set(
    mine.filter(({ decision }) => decision.act === 'open').map(({ inboundEmailId }) => inboundEmailId),
  )
  return ready.filter(({ order }) => openers.has(order.inboundEmailId))
}

function languageOf(opened: readonly Ready[], messageIds: ReadonlyMap<number, number>): NewWork[] {
  return opened
    .filter(({ order: { mail } }) => mail.replyText.length >= minLength)
    .map(({ order }) => ({
      kind: 'detect-language',
      key: null,
      payload: { messageId: messageIds.get(order.inboundEmailId) ?? 0 },
    }))
}

function isReport(order: Order): order is Order<ReportOnMessage> {
  return order.decision.act === 'report'
}

function agentMessages(ready: readonly Ready[], messageIds: ReadonlyMap<number, number>): number[] {
  return ready.flatMap(({ order }) =>
    order.decision.act === 'append-as-agent' ? [messageIds.get(order.inboundEmailId) ?? 0] : [],
  )
}

// What an agent wrote goes on to the contact.
function workOf(ready: readonly Ready[], messageIds: ReadonlyMap<number, number>): NewWork[] {
  return ready
    .filter(({ order }) => order.decision.act === 'append-as-agent')
    .map(({ order }) => ({
      kind: 'send-reply',
      key: `conversation:${String(order.decision.conversationId)}`,
      payload: { messageId: messageIds.get(order.inboundEmailId) ?? 0 },
    }))
}

interface AgentToTell {
  readonly conversationId: number
  readonly userId: number
}

const agentsSql = statement(`
    select c.id as "conversationId", c.assignee_id as "userId"
    from conversations c
    where c.id = any($1) and c.assignee_id is not null
    union
    select p.conversation_id, p.user_id
    from conversation_participants p
    where p.conversation_id = any($1)
  `)

// What a contact wrote is told to the assignee and to who takes part, who may answer from a mail client. Automatic
// mail tells nobody.
async function findAgentsToTell(tx: Tx, ready: readonly Ready[]): Promise<AgentToTell[]> {
  const incoming = ready.filter(isTold)
  if (incoming.length === 0) return []
  const { rows } = await tx.query<AgentToTell>(
    agentsSql([[...new Set(incoming.map(({ order }) => order.decision.conversationId))]]),
  )
  return rows
}

// Of a new conversation, and where a conversation has neither assignee nor participants, those who watch the inbox
// hear.
function unheardOf(
  ready: readonly Ready[],
  messageIds: ReadonlyMap<number, number>,
  { agents, opened }: { readonly agents: readonly AgentToTell[]; readonly opened: readonly Ready[] },
): Unheard[] {
  const heard = new Set(agents.map(({ conversationId }) => conversationId))
  return ready
    .filter((one) => isTold(one) && (opened.includes(one) || !heard.has(one.order.decision.conversationId)))
    .map(({ order }) => ({
      conversationId: order.decision.conversationId,
      messageId: messageIds.get(order.inboundEmailId) ?? 0,
    }))
}

function isTold({ order: { decision } }: Ready): boolean {
  return decision.act === 'append' && !decision.marks.autoReply
}

function noticesOf(
  ready: readonly Ready[],
  messageIds: ReadonlyMap<number, number>,
  agents: readonly AgentToTell[],
): NewWork[] {
  return ready.filter(isTold).flatMap(({ order }) =>
    agents
      .filter(({ conversationId }) => conversationId === order.decision.conversationId)
      .map(({ conversationId, userId }): NewWork => ({
        kind: 'notify-agent',
        key: `agent:${String(userId)}:${String(conversationId)}`,
        payload: { messageId: messageIds.get(order.inboundEmailId) ?? 0, userId },
      })),
  )
}
