// A contact wrote: the assignee, the participating agents and, where there are none, those who watch the inbox get a
// notice of the message; and an agent who is mentioned in a private note gets one of the note. Which of them is queued
// is decided in conversations/; here each is mailed a message at most once, together with others that came shortly
// after it, and not while they read it in the browser.

import type { Pool } from '../db/pool.ts'
import {
  admitNotice,
  agentWords,
  findNotifiedAgent,
  mayNotify,
  type Notice,
  type NoticeState,
  type NotifiedAgent,
  readNoticeState,
  recordNotice,
  sendNotice,
  wants,
} from './notice.ts'
import { plainWords } from './notice-author.ts'
import { findNewest, readParts } from './notice-parts.ts'
import { postpone, readViewing } from './notice-time.ts'
import { type OutgoingFacts, readOutgoing } from './outgoing-facts.ts'
import type { DeliveryOptions } from './send-reply.ts'
import type { Say } from './words/words.ts'

interface Work {
  readonly messageId: number
  readonly userId: number
  readonly isWatched?: boolean
  readonly isMention?: boolean
}

/**
 * Sends one notice to one agent, or puts it off; nothing when the account may not receive, when the message was
 * deleted, when the agent is gone, sees the conversation no longer, wrote the message themselves, was mailed it before,
 * has it open in the browser, or does not want such notices. Throws `MailError`.
 */
export async function notifyAgent(options: DeliveryOptions, work: Work): Promise<void> {
  const { pool } = options
  const noticed = await findNoticed(options, work)
  if (noticed === null) return
  const { facts, agent, state } = noticed
  const target = { conversationId: facts.conversation.id, userId: work.userId }
  const viewing = await readViewing(pool, target, facts.messageId)
  if (viewing === 'seen') return noteSeen(pool, facts, target)
  const later = { kind: 'notify-agent', key: null, payload: work } as const
  const waitMs = Math.max(viewing, facts.isPrivate ? 0 : groupWait(state, options.noticeGroupMs))
  if (waitMs > 0) return postpone(pool, later, { ...target, waitMs })
  const said = await wordsOf(options, noticed)
  if (said.parts.length === 0) return
  const isMore = work.isWatched === true && state.messageId === null
  const admitted = await admitNotice(options, facts, { userId: work.userId, isMore })
  if ('waitMs' in admitted) return postpone(pool, later, { ...target, ...admitted })
  const id = `notice/${String(work.userId)}/messages/${String(facts.messageId)}`
  await sendNotice(options, { facts, agent, ...said, id }, admitted.token)
}

// Null: there is nothing that the agent is to be mailed.
async function findNoticed({ pool, defaultDomain }: DeliveryOptions, work: Work): Promise<Noticed | null> {
  const facts = await findFacts(pool, work, defaultDomain)
  if (facts === null) return null
  const target = { conversationId: facts.conversation.id, userId: work.userId }
  const agent = await findNotifiedAgent(pool, work.userId, target.conversationId)
  if (agent === null || !isWanted(work, agent)) return null
  const state = await readNoticeState(pool, target)
  const isKnown = !facts.isPrivate && (state.messageId ?? 0) >= facts.messageId
  return isKnown ? null : { work, facts, agent, state }
}

// Of the note, or of the newest message from the one that caused the notice on.
async function findFacts(pool: Pool, work: Work, defaultDomain: string): Promise<OutgoingFacts | null> {
  const named = await readOutgoing(pool, work.messageId, defaultDomain)
  if (named === null || !mayNotify(named) || named.isPrivate !== (work.isMention === true)) return null
  const newest = named.isPrivate ? work.messageId : await findNewest(pool, named.conversation.id, work.messageId)
  const facts = newest === work.messageId ? named : await readOutgoing(pool, newest, defaultDomain)
  return facts?.attributes['deleted'] === true ? null : facts
}

async function noteSeen(
  pool: Pool,
  facts: OutgoingFacts,
  target: { readonly conversationId: number; readonly userId: number },
): Promise<void> {
  if (!facts.isPrivate) await recordNotice(pool, { ...target, isMailed: false }, facts.messageId)
}

// After a notice, the next one waits for more.
function groupWait({ agoMs }: NoticeState, groupMs: number): number {
  return agoMs === null ? 0 : Math.max(groupMs - agoMs, 0)
}

// Watchers of the inbox have chosen so there.
function isWanted({ isWatched = false, isMention = false }: Work, agent: NotifiedAgent): boolean {
  if (isMention) return wants(agent, 'email_conversation_mention')
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

interface Noticed {
  readonly work: Work
  readonly facts: OutgoingFacts
  readonly agent: NotifiedAgent
  readonly state: NoticeState
}

async function wordsOf(
  { pool }: Pick<DeliveryOptions, 'pool'>,
  { work, facts, agent, state }: Noticed,
): Promise<Pick<Notice, 'lead' | 'parts'>> {
  const { say } = agentWords(facts, agent)
  if (facts.isPrivate) return mentionOf(facts, say)
  const after = state.messageId ?? work.messageId - 1
  const read = await readParts(pool, facts.conversation.id, { after, upTo: facts.messageId, say })
  const parts = read.parts.filter(({ author }) => author.address !== agent.email)
  const count = parts.length + read.omitted
  const number = String(facts.conversation.displayId)
  const many = read.omitted > 0 ? 'notice.many.more' : 'notice.many'
  return { lead: count > 1 ? say(many, { count: String(count), number }) : null, parts }
}

// `[@Ada](mention://user/5/Ada)` is a link of the web client.
function mentionOf(facts: OutgoingFacts, say: Say): Pick<Notice, 'lead' | 'parts'> {
  const by = plainWords(facts.agentName ?? facts.inbox.name)
  const wrote = say('notice.mentioned', { by, number: String(facts.conversation.displayId) })
  const content = facts.content.replace(/\[([^[\]]*)\]\(mention:\/\/[^()\s]*\)/g, '$1')
  const author = { label: by, isVerified: true, wrote, remark: '', address: null }
  return { lead: null, parts: [{ messageId: facts.messageId, author, content }] }
}
