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
import { plainWords } from './notice-author.ts'
import { readParts } from './notice-parts.ts'
import { postpone } from './notice-time.ts'
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
  if (facts === null || !mayNotify(facts) || !isWanted(agent)) return
  const noticeState = await readNoticeState(pool, work)
  if (wasMailed(noticeState, { latestId: latest.id, quietMs: work.quietMs })) return
  const { say } = agentWords(facts, agent)
  const { parts } = await readParts(pool, work.conversationId, {
    after: noticeState.messageId ?? 0,
    upTo: latest.id,
    say,
  })
  const admitted = await admitNotice(options, facts, { userId: work.userId, isMore: noticeState.messageId === null })
  if ('waitMs' in admitted)
    return postpone(pool, { kind: 'notify-assignee', key: null, payload: work }, { ...work, ...admitted })
  const id = `notice/${String(work.userId)}/assignments/${work.token}`
  const lead = leadOf(say, facts.conversation.displayId, work.by)
  await sendNotice(options, { facts, agent, lead, parts, id }, admitted.token)
}

function isWanted(agent: NotifiedAgent | null): agent is NotifiedAgent {
  return agent !== null && agent.assigneeId === agent.userId && wants(agent, 'email_conversation_assignment')
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
