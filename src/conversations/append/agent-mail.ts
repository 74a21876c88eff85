// Mail of agents among the mails of a group: whether it becomes an answer, a private note, or nothing but the commands
// on its first lines, and what follows from that.

import type { AppendAsAgent } from '../../contracts/decision.ts'
import { queryOne, type Tx } from '../../db/pool.ts'
import type { NewWork } from '../../queue/work.ts'
import { performCommands } from '../commands/perform-commands.ts'
import { noteBeforeSend } from '../messages/cancel-send.ts'
import { noteMentions } from '../messages/mentions.ts'
import { noteOutgoing } from '../messages/note-outgoing.ts'
import { sendWork } from '../messages/queue-mail.ts'
import type { AppendRequest } from '../records/append-request.ts'
import { RaceError, type Ready, waitOf } from './append-message.ts'

type MessageIds = ReadonlyMap<number, number>

/** What an agent's mail becomes; null for mail of others. Never throws. */
export function becomes({ decision }: Ready['request']): 'answer' | 'note' | 'nothing' | null {
  return decision.action === 'append-as-agent' ? (decision.commands?.becomes ?? 'answer') : null
}

/** False for a note, and for a mail of commands only: the conversation has not been answered. Never throws. */
export function isToContact({ request }: Ready): boolean {
  return !['note', 'nothing'].includes(becomes(request) ?? '')
}

/** Ids of the messages that go on to the contact. Never throws. */
export function answersOf(ready: readonly Ready[], messageIds: MessageIds): number[] {
  return ready.flatMap(({ request }) =>
    becomes(request) === 'answer' ? [messageIds.get(request.inboundEmailId) ?? 0] : [],
  )
}

/** The work that sends them, and that mails their agents how to stop them. Never throws. */
export function sendingOf(ready: readonly Ready[], messageIds: MessageIds, undoMs: number): NewWork[] {
  return ready.flatMap(({ request }): NewWork[] => {
    const { decision } = request
    if (decision.action !== 'append-as-agent' || becomes(request) !== 'answer') return []
    const messageId = messageIds.get(request.inboundEmailId) ?? 0
    const waitMs = waitOf(decision, undoMs)
    const sending = sendWork(decision.conversationId, messageId, waitMs)
    const { userId } = decision
    return waitMs === 0 ? [sending] : [sending, { kind: 'notify-undo', key: null, payload: { messageId, userId } }]
  })
}

/** Notes how the conversations of waiting answers were: before the answers change them. */
export async function noteBeforeAnswers(tx: Tx, ready: readonly Ready[], undoMs: number): Promise<void> {
  const waiting = ready.filter(({ request }) => becomes(request) === 'answer' && waitOf(request.decision, undoMs) > 0)
  await Promise.all(
    waiting.map(({ request: { decision, inboundEmailId } }) =>
      noteBeforeSend(tx, {
        conversationId: decision.conversationId,
        inboundEmailId,
        commands: decision.action === 'append-as-agent' ? (decision.commands?.said ?? []) : [],
      }),
    ),
  )
}

/**
 * The mails in parts, in their order: one with commands is appended in a transaction of its own, whose performer is the
 * agent. Never throws.
 */
export function inParts(requests: readonly AppendRequest[]): AppendRequest[][] {
  const parts: AppendRequest[][] = []
  let isOpen = false
  for (const request of requests) {
    const { decision } = request
    const isAlone =
      decision.action === 'open-as-agent' || (decision.action === 'append-as-agent' && decision.commands !== null)
    if (isOpen && !isAlone) parts.at(-1)?.push(request)
    else parts.push([request])
    isOpen = !isAlone
  }
  return parts
}

/** Throws `RaceError` if the conversation, which is locked, has the mail already: it came twice at the same moment. */
export async function refuseRepeated(
  tx: Tx,
  { decision, mail: { messageId } }: AppendRequest<AppendAsAgent>,
): Promise<void> {
  if (messageId === null || decision.marks.reusedMessageId) return
  const before = await queryOne(
    tx,
    `
      select 1
      from messages
      where conversation_id = $1
        and (
          source_id = $2
          or inbound_email_id is not null and content_attributes #>> '{email,message_id}' = $2
        )
      limit 1
    `,
    [decision.conversationId, messageId],
  )
  if (before !== null) throw new RaceError(messageId)
}

/**
 * Performs the commands of each mail, after its message was written. Throws `RaceError` if something has changed since
 * they were looked up: the mail is judged again.
 */
export async function performAll(
  tx: Tx,
  ready: readonly Ready[],
  { messageIds, replyDomain }: { readonly messageIds: MessageIds; readonly replyDomain: string },
): Promise<boolean> {
  let hasWork = false
  for (const { request } of ready) {
    const { decision, inboundEmailId, mail } = request
    if (decision.action !== 'append-as-agent' || decision.commands === null) continue
    const { conversationId, userId, commands } = decision
    const messageId = messageIds.get(inboundEmailId) ?? 0
    if (commands.becomes !== 'answer')
      await noteInside(tx, { conversationId, messageId, content: commands.words, userId })
    if (!(await performCommands(tx, { conversationId, userId, commands, replyDomain })))
      throw new RaceError(mail.messageId)
    hasWork ||= commands.actions.length > 0
  }
  return hasWork
}

async function noteInside(
  tx: Tx,
  {
    conversationId,
    messageId,
    content,
    userId,
  }: {
    readonly conversationId: number
    readonly messageId: number
    readonly content: string
    readonly userId: number
  },
): Promise<void> {
  const row = await queryOne<{ at: Date; account_id: number; inbox_id: number }>(
    tx,
    'select created_at as at, account_id, inbox_id from messages where id = $1 and private',
    [messageId],
  )
  if (row !== null)
    await noteMentions(tx, {
      conversationId,
      messageId,
      content,
      accountId: row.account_id,
      inboxId: row.inbox_id,
      authorId: userId,
    })
  await noteOutgoing(tx, conversationId, { at: row?.at ?? new Date(), humanReply: false, botId: null })
}
