// Writes a group of routed mails in one transaction: messages, the final state of each mail, and the outgoing work that
// they cause (state S4 in docs/develop/architecture.md). One bad mail never fails the others: a group that fails is
// repeated one by one.

import type {
  AppendAsAgent,
  AppendIncoming,
  OpenAsAgent,
  OpenConversation,
  ReportOnMessage,
} from '../../contracts/decision.ts'
import { inTransaction, pipelined, type Pool, statement, type Tx } from '../../db/pool.ts'
import { boundName } from '../../mail/bounds.ts'
import { agentKey, enqueue, type NewWork } from '../../queue/work.ts'
import { noteWaiting } from '../assignment/assign-work.ts'
import { findOrCreateContactByEmail } from '../contacts/contact-by-email.ts'
import { minLength } from '../language/note-language.ts'
import { noteAutoAnswers } from '../life-line/auto-answers.ts'
import { heldNoticesOf } from '../notices/held.ts'
import { noteUnattended, type Unattended } from '../notices/watchers.ts'
import type { Appended, AppendRequest, Settlement } from '../records/append-request.ts'
import {
  answersOf,
  becomes,
  inParts,
  isToContact,
  noteBeforeAnswers,
  performAll,
  refuseRepeated,
  sendingOf,
} from './agent-mail.ts'
import { insertAttachments } from './append-attachments.ts'
import { insertMessages, RaceError, type Ready } from './append-message.ts'
import { applyReports } from './apply-report.ts'
import { beginConversation } from './begin-conversation.ts'
import { noteForwards } from './note-forwards.ts'
import { openConversation } from './open-conversation.ts'
import { raceCopies } from './race-copies.ts'
import { nameOutgoing, noteParticipants, touchConversations } from './touch-conversations.ts'

export type { AppendRequest } from '../records/append-request.ts'
export { RaceError } from './append-message.ts'

export interface AppendOptions {
  readonly pool: Pool
  readonly defaultDomain: string
  /** How long the answer of an agent waits, in ms. */
  readonly undoMs: number
  /** Called after a commit that wrote outgoing work. */
  readonly onWork: () => void
  /** Called after every commit, so that events are announced. */
  readonly onAppended?: () => void
}

/** The result of one mail: settled (perhaps by another process), or the error that prevented it. */
export type AppendResult =
  | { readonly inboundEmailId: number; readonly error: null }
  | { readonly inboundEmailId: number; readonly error: unknown }

export type AppendGroup = (requests: readonly AppendRequest[], settlement: Settlement) => Promise<AppendResult[]>

/** Appends and settles; never throws: each mail has its own result. */
export function createAppendGroup(options: AppendOptions): AppendGroup {
  const attempt = async (requests: readonly AppendRequest[], settlement: Settlement): Promise<AppendResult[]> => {
    const worked = await inTransaction(options.pool, (tx) => appendAll(tx, requests, { ...options, ...settlement }))
    if (worked) options.onWork()
    options.onAppended?.()
    return requests.map(({ inboundEmailId }) => ({ inboundEmailId, error: null }))
  }
  const appendPart = async (requests: readonly AppendRequest[], settlement: Settlement): Promise<AppendResult[]> => {
    try {
      return await attempt(requests, settlement)
    } catch (error) {
      if (requests.length === 1) return requests.map(({ inboundEmailId }) => ({ inboundEmailId, error }))
    }
    const results: AppendResult[] = []
    for (const request of requests) {
      results.push(
        ...(await attempt([request], settlement).catch((error: unknown) => [
          { inboundEmailId: request.inboundEmailId, error },
        ])),
      )
    }
    return results
  }
  return async (requests, settlement) => {
    const results: AppendResult[] = []
    for (const part of inParts(requests)) results.push(...(await appendPart(part, settlement)))
    return results
  }
}

// Independent statements are pipelined: four round trips per group.
async function appendAll(
  tx: Tx,
  requests: readonly AppendRequest[],
  context: AppendOptions & Settlement,
): Promise<boolean> {
  const { open } = await pipelined({
    open: context.lock(
      tx,
      requests.map((request) => request.inboundEmailId),
    ),
    conversations: lockConversations(tx, requests),
  })
  const mine = requests.filter((request) => open.has(request.inboundEmailId))
  const ready: Ready[] = []
  for (const request of mine) ready.push(...(await prepare(tx, request)))
  const { messageIds, agents, reported, reopened } = await pipelined({
    messageIds: insertMessages(tx, ready, context.undoMs),
    before: noteBeforeAnswers(tx, ready, context.undoMs),
    agents: findAgentsToNotify(tx, ready),
    reported: applyReports(tx, mine.filter(isReport)),
    answered: noteAutoAnswers(tx, mine),
    participants: noteParticipants(tx, ready),
    reopened: touchConversations(tx, ready.filter(isToContact)),
  })
  const commanded = await performAll(tx, ready, { messageIds, replyDomain: context.defaultDomain })
  await noteForwards(tx, ready, context.defaultDomain)
  const opened = openedBy(mine, ready)
  const work = [
    ...sendingOf(ready, messageIds, context.undoMs),
    ...noticesOf(ready, messageIds, agents),
    ...languageOf(opened, messageIds),
    ...heldNoticesOf(mine),
  ]
  const appended = new Map<number, Appended>(
    ready.map(({ request }) => [
      request.inboundEmailId,
      {
        inboundEmailId: request.inboundEmailId,
        conversationId: request.decision.conversationId,
        messageId: messageIds.get(request.inboundEmailId) ?? null,
      },
    ]),
  )
  const { waits, unanswered } = await pipelined({
    attachments: insertAttachments(
      tx,
      ready.map(({ request }) => request).filter((request) => becomes(request) !== 'nothing'),
      messageIds,
    ),
    named: nameOutgoing(tx, answersOf(ready, messageIds), context.defaultDomain),
    work: enqueue(tx, work),
    settled: context.settle(
      tx,
      mine.map(
        ({ inboundEmailId }) =>
          appended.get(inboundEmailId) ??
          reported.get(inboundEmailId) ?? { inboundEmailId, conversationId: null, messageId: null },
      ),
    ),
    waits: noteWaiting(tx, [...reopened, ...opened.map(({ request }) => request.decision.conversationId)]),
    // After the row that assigns the conversation: an assignee is mailed as such.
    unanswered: noteUnattended(tx, withoutAgent(ready, messageIds, { agents, opened })),
  })
  return work.length > 0 || waits || unanswered || commanded
}

const lockSql = statement('select merged_into_id from conversations where id = any($1) order by id for no key update')

// In the order of ids, so that two groups never wait for each other in a circle.
async function lockConversations(tx: Tx, requests: readonly AppendRequest[]): Promise<void> {
  const ids = requests.flatMap(({ decision }) => {
    if ('conversationId' in decision) return [decision.conversationId]
    return decision.action === 'open' ? (decision.linkedToId ?? []) : []
  })
  if (ids.length === 0) return
  const { rows } = await tx.query<{ merged_into_id: number | null }>(lockSql([[...new Set(ids)]]))
  // Merged since the mail was judged: judged again, it finds the conversation that has the messages now.
  if (rows.some((row) => row.merged_into_id !== null)) throw new RaceError(null)
}

async function prepare(tx: Tx, request: AppendRequest): Promise<Ready[]> {
  const { decision } = request
  await raceCopies(tx, request)
  if (decision.action === 'open') return [await openConversation(tx, request as AppendRequest<OpenConversation>)]
  if (decision.action === 'open-as-agent') return [await beginConversation(tx, request as AppendRequest<OpenAsAgent>)]
  if (decision.action === 'append')
    return [{ request: request as AppendRequest<AppendIncoming>, senderId: await findSender(tx, decision) }]
  if (decision.action === 'append-as-agent') {
    await refuseRepeated(tx, request as AppendRequest<AppendAsAgent>)
    return [{ request: request as AppendRequest<AppendAsAgent>, senderId: decision.userId }]
  }
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

function openedBy(mine: readonly AppendRequest[], ready: readonly Ready[]): Ready[] {
  const openers = new Set(
    mine.filter(({ decision }) => decision.action === 'open').map(({ inboundEmailId }) => inboundEmailId),
  )
  return ready.filter(({ request }) => openers.has(request.inboundEmailId))
}

function languageOf(opened: readonly Ready[], messageIds: ReadonlyMap<number, number>): NewWork[] {
  return opened
    .filter(({ request: { mail } }) => mail.replyText.length >= minLength)
    .map(({ request }) => ({
      kind: 'detect-language',
      key: null,
      payload: { messageId: messageIds.get(request.inboundEmailId) ?? 0 },
    }))
}

function isReport(request: AppendRequest): request is AppendRequest<ReportOnMessage> {
  return request.decision.action === 'report'
}

interface AgentToNotify {
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

// A contact's message notifies the assignee and the participants, who may answer from a mail client. Automatic mail
// notifies no agent.
async function findAgentsToNotify(tx: Tx, ready: readonly Ready[]): Promise<AgentToNotify[]> {
  const incoming = ready.filter(needsNotice)
  if (incoming.length === 0) return []
  const { rows } = await tx.query<AgentToNotify>(
    agentsSql([[...new Set(incoming.map(({ request }) => request.decision.conversationId))]]),
  )
  return rows
}

// For a new conversation, and for one without assignee and participants, the inbox's watchers are notified.
function withoutAgent(
  ready: readonly Ready[],
  messageIds: ReadonlyMap<number, number>,
  { agents, opened }: { readonly agents: readonly AgentToNotify[]; readonly opened: readonly Ready[] },
): Unattended[] {
  const notifiedConversations = new Set(agents.map(({ conversationId }) => conversationId))
  return ready
    .filter(
      (one) =>
        needsNotice(one) && (opened.includes(one) || !notifiedConversations.has(one.request.decision.conversationId)),
    )
    .map(({ request }) => ({
      conversationId: request.decision.conversationId,
      messageId: messageIds.get(request.inboundEmailId) ?? 0,
    }))
}

function needsNotice({ request: { decision } }: Ready): boolean {
  return decision.action === 'append' && !decision.marks.autoReply
}

function noticesOf(
  ready: readonly Ready[],
  messageIds: ReadonlyMap<number, number>,
  agents: readonly AgentToNotify[],
): NewWork[] {
  return ready.filter(needsNotice).flatMap(({ request }) =>
    agents
      .filter(({ conversationId }) => conversationId === request.decision.conversationId)
      .map(({ conversationId, userId }): NewWork => ({
        kind: 'notify-agent',
        key: agentKey(userId, conversationId),
        payload: { messageId: messageIds.get(request.inboundEmailId) ?? 0, userId },
      })),
  )
}
