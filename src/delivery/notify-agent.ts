// A contact wrote: the assignee, the participating agents and, where there are none, those who watch the inbox get a
// notice of the message. Which of them is queued is decided in conversations/; here each is mailed a message at most
// once.

import {
  admitNotice,
  agentWords,
  findNotifiedAgent,
  mayNotify,
  type NotifiedAgent,
  readNoticeState,
  sendNotice,
  wants,
} from './notice.ts'
import { type NoticeAuthor, readNoticeAuthor } from './notice-author.ts'
import { type OutgoingFacts, readOutgoing } from './outgoing-facts.ts'
import type { DeliveryOptions } from './send-reply.ts'

interface Work {
  readonly messageId: number
  readonly userId: number
  readonly isWatched?: boolean
}

/**
 * Sends one notice to one agent; nothing when the account may not receive, when the message was deleted, when the
 * agent is gone, sees the conversation no longer, wrote the message themselves, was mailed it before or does not want
 * such notices. Throws `MailError`.
 */
export async function notifyAgent(options: DeliveryOptions, work: Work): Promise<void> {
  const facts = await readOutgoing(options.pool, work.messageId, options.defaultDomain)
  if (facts === null || !mayBeRead(facts)) return
  const agent = await findNotifiedAgent(options.pool, work.userId, facts.conversation.id)
  if (agent === null) return
  const author = await readNoticeAuthor(options.pool, facts.messageId, agentWords(facts, agent).say)
  if (author === null || !isWanted(work, agent, author)) return
  const { messageId } = await readNoticeState(options.pool, {
    conversationId: facts.conversation.id,
    userId: work.userId,
  })
  if (messageId !== null && messageId >= facts.messageId) return
  const isMore = work.isWatched === true && messageId === null
  const token = await admitNotice(options, facts, { userId: work.userId, isMore })
  if (token === null) return
  const id = `notice/${String(work.userId)}/messages/${String(facts.messageId)}`
  const part = { messageId: facts.messageId, author, content: facts.content }
  await sendNotice(options, { facts, agent, lead: null, parts: [part], id }, token)
}

function mayBeRead(facts: OutgoingFacts): boolean {
  return facts.attributes['deleted'] !== true && mayNotify(facts)
}

// Watchers of the inbox have chosen so there.
function isWanted({ isWatched = false }: Work, agent: NotifiedAgent, author: NoticeAuthor): boolean {
  if (author.address === agent.email) return false
  return (
    isWatched ||
    wants(
      agent,
      agent.assigneeId === agent.userId
        ? 'email_assigned_conversation_new_message'
        : 'email_participating_conversation_new_message',
    )
  )
}
