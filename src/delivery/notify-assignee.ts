// An agent was given a conversation: one notice with what the contact wrote that the agent has not been mailed yet.

import { type Pool, queryOne } from '../db/pool.ts'
import { isAutoReply } from '../db/rules.ts'
import {
  admitNotice,
  agentWords,
  findNotifiedAgent,
  mayNotify,
  type NoticeState,
  type NotifiedAgent,
  readNoticeState,
  sendNotice,
  wants,
} from './notice.ts'
import { plainWords, readNoticeAuthor } from './notice-author.ts'
import type { NoticePart } from './notice-body.ts'
import { readOutgoing } from './outgoing-facts.ts'
import type { DeliveryOptions } from './send-reply.ts'
import type { Say } from './words/words.ts'

interface Work {
  readonly conversationId: number
  readonly userId: number
  readonly by: string | null
  readonly quietMs: number
  readonly token: string
}

/** Messages that one notice carries. */
const maxMessages = 5

/**
 * Sends it, unless the agent is no longer the assignee, was mailed its last message within `quietMs`, or does not want
 * such notices, or the conversation has no message or began with an automatic one. Throws `MailError`.
 */
export async function notifyAssignee(options: DeliveryOptions, work: Work): Promise<void> {
  const { pool } = options
  const latest = await findLatest(pool, work.conversationId)
  if (latest === null || (latest.is_automatic && work.by === null)) return
  const facts = await readOutgoing(pool, latest.id, options.defaultDomain)
  const agent = await findNotifiedAgent(pool, work.userId, work.conversationId)
  if (facts === null || !mayNotify(facts) || agent === null || !isWanted(agent)) return
  const noticeState = await readNoticeState(pool, work)
  if (wasMailed(noticeState, { latestId: latest.id, quietMs: work.quietMs })) return
  const { say } = agentWords(facts, agent)
  const parts = await readParts(pool, work.conversationId, { after: noticeState.messageId, upTo: latest.id, say })
  const token = await admitNotice(options, facts, { userId: work.userId, isMore: noticeState.messageId === null })
  if (token === null) return
  const id = `notice/${String(work.userId)}/assignments/${work.token}`
  const lead = leadOf(say, facts.conversation.displayId, work.by)
  await sendNotice(options, { facts, agent, lead, parts, id }, token)
}

function isWanted(agent: NotifiedAgent): boolean {
  return agent.assigneeId === agent.userId && wants(agent, 'email_conversation_assignment')
}

function wasMailed(
  { messageId, agoMs }: NoticeState,
  { latestId, quietMs }: { readonly latestId: number; readonly quietMs: number },
): boolean {
  return messageId !== null && messageId >= latestId && agoMs !== null && agoMs < quietMs
}

function leadOf(say: Say, displayId: number, by: string | null): string {
  const number = String(displayId)
  return by === null ? say('notice.assigned', { number }) : say('notice.assigned.by', { number, by: plainWords(by) })
}

interface Latest {
  readonly id: number
  readonly is_automatic: boolean
}

// The contact's last words, else whatever there is.
function findLatest(pool: Pool, conversationId: number): Promise<Latest | null> {
  return queryOne<Latest>(
    pool,
    `select
       id,
       ${isAutoReply('m')} as is_automatic
     from messages m
     where conversation_id = $1
     order by message_type = 'incoming' desc, id desc
     limit 1`,
    [conversationId],
  )
}

// Messages after `upTo` have a notice of their own.
async function readParts(
  pool: Pool,
  conversationId: number,
  { after, upTo, say }: { readonly after: number | null; readonly upTo: number; readonly say: Say },
): Promise<NoticePart[]> {
  const { rows } = await pool.query<{ id: number; content: string }>(
    `select id, coalesce(content, '') as content
     from messages
     where conversation_id = $1
       and id <= $3
       and message_type = 'incoming'
       and not private
       and content_attributes -> 'deleted' is null
       and (id > coalesce($2, 0) or id = $3)
     order by id desc
     limit $4`,
    [conversationId, after, upTo, maxMessages],
  )
  const parts: NoticePart[] = []
  for (const { id, content } of rows.reverse()) {
    const author = await readNoticeAuthor(pool, id, say)
    if (author !== null) parts.push({ messageId: id, author, content })
  }
  return parts
}
