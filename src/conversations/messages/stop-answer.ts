// Stops an answer that an agent wrote by mail, by the link that the agent was mailed while it waits (cancel-send.ts).
// The words come back to the agent: on the page of the link, and as their draft in the conversation. The link may be
// opened again: the work row decides what can still be done, and the page says what has become of the answer.

import { queryOne, type Sql, type Tx } from '../../db/pool.ts'
import { addressKey } from '../../mail/address.ts'
import { setStatus } from '../actions/change-status.ts'
import type { LinkOutcome, LinkQuestion } from '../links/link-page.ts'
import type { Link } from '../links/one-time-links.ts'
import { lockConversation } from '../locked-conversation.ts'
import { type ActingAgent, findActingAgent } from '../performer.ts'
import { type Cancelled, cancelSendIn } from './cancel-send.ts'

interface Answer {
  readonly messageId: number
  readonly accountId: number
  readonly conversationId: number
  readonly displayId: number
  readonly userId: number
  readonly name: string
  readonly state: string | null
  readonly sendAt: string | null
  readonly sentAt: string | null
  readonly isStopped: boolean
  readonly statusBefore: string | null
  readonly commands: readonly string[] | null
}

const answerSql = `
  select
    m.id as "messageId",
    m.account_id as "accountId",
    c.id as "conversationId",
    c.display_id as "displayId",
    m.sender_id as "userId",
    coalesce(nullif(k.name, ''), r.email, 'the customer') as name,
    m.content_attributes #>> '{delivery,state}' as state,
    m.content_attributes #>> '{delivery,send_at}' as "sendAt",
    m.content_attributes #>> '{delivery,at}' as "sentAt",
    coalesce(m.content_attributes ->> 'send_cancelled', '') = 'true' as "isStopped",
    m.additional_attributes #>> '{before_send,status}' as "statusBefore",
    m.additional_attributes #> '{before_send,commands}' as commands,
    a.email
  from messages m
  join conversations c on c.id = m.conversation_id
  join contacts k on k.id = c.contact_id
  join conversation_recipients r on r.conversation_id = c.id
  join acting_members a on a.account_id = m.account_id and a.user_id = m.sender_id
  where m.id = $1
    and m.account_id = $2
    and m.sender_type = 'user'`

// Null: gone, or the link was mailed to an address that is not its author's (any more).
async function findAnswer(sql: Sql, link: Link): Promise<(Answer & { readonly by: ActingAgent }) | null> {
  const row = await queryOne<Answer & { readonly email: string } & Record<string, unknown>>(sql, answerSql, [
    link.subjectId,
    link.accountId,
  ])
  if (row === null || addressKey(row.email) !== link.email) return null
  const by = await findActingAgent(sql, row.conversationId, row.userId)
  return by === null ? null : { ...row, by }
}

/** The question of the link, or what has become of the answer; null: it is not the agent's to stop any more. */
export async function askStop(sql: Sql, link: Link): Promise<LinkQuestion | null> {
  const answer = await findAnswer(sql, link)
  if (answer === null) return null
  const { name, sendAt, state, isStopped } = answer
  const seconds = Math.ceil((Date.parse(sendAt ?? '') - Date.now()) / 1_000)
  if (isStopped || state !== 'queued' || !(seconds > 0)) return { ...whatBecame(answer), button: null }
  return {
    title: 'Stop your answer?',
    sentence: `Your answer to ${name} leaves in ${String(seconds)} seconds. ${aboutCommands(answer)}`.trim(),
    button: 'Stop it',
  }
}

/** Stops it in the caller's transaction; null: it is not the agent's to stop any more. */
export async function stopAnswer(tx: Tx, link: Link): Promise<LinkOutcome | null> {
  const answer = await findAnswer(tx, link)
  if (answer === null) return null
  const cancelled = await cancelSendIn(tx, answer)
  if (typeof cancelled === 'string') {
    const now = await findAnswer(tx, link)
    return now === null ? null : { ...whatBecame(now), done: now.isStopped, words: null }
  }
  const isReopened = await reopen(tx, answer)
  const isKept = await keepDraft(tx, answer, cancelled)
  const sentences = [
    `Your answer to ${answer.name} was stopped. Nothing was mailed.`,
    isKept
      ? `Your words are below, and are your draft in conversation ${String(answer.displayId)}.`
      : `Your words are below. You have another draft in conversation ${String(answer.displayId)}, which was kept.`,
    aboutCommands(answer),
    isReopened ? 'But the conversation is open again, as it has no answer.' : '',
  ]
  return {
    done: true,
    title: 'Stopped',
    sentence: sentences.filter((sentence) => sentence !== '').join(' '),
    words: cancelled.message.content,
  }
}

function whatBecame({ name, isStopped, state, sentAt }: Answer): Pick<LinkQuestion, 'title' | 'sentence'> {
  if (isStopped) return { title: 'Stopped', sentence: `Your answer to ${name} was stopped. Nothing was mailed.` }
  if (sentAt !== null)
    return {
      title: 'It has left',
      sentence: `Your answer to ${name} left at ${utc(sentAt)}. It cannot be stopped any more.`,
    }
  if (state === null) return { title: 'Deleted', sentence: `Your answer to ${name} was deleted.` }
  return {
    title: 'It cannot be stopped any more',
    sentence:
      state === 'failed' || state === 'suppressed'
        ? `Your answer to ${name} could not be delivered. The conversation says why.`
        : `Your answer to ${name} is leaving now. The conversation shows when it has left.`,
  }
}

const utc = (at: string): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`

function aboutCommands({ commands }: Answer): string {
  return commands === null || commands.length === 0
    ? ''
    : `The commands of your mail were performed at once and stay done: ${commands.join(' ')}.`
}

// Commands of the mail closed it: without the answer, the customer would wait in a closed conversation.
async function reopen(tx: Tx, { conversationId, statusBefore, by }: Answer & { readonly by: ActingAgent }) {
  const locked = await lockConversation(tx, conversationId)
  const isClosed = locked?.status === 'resolved' || locked?.status === 'snoozed'
  if (locked === null || !isClosed || statusBefore === null || statusBefore === locked.status) return false
  await setStatus(tx, locked, { status: 'open', snoozedUntil: null, by })
  return true
}

/** More are listed nowhere in a draft. */
const maxFiles = 15

// A draft that the agent has there already is newer than the mail, and stays.
async function keepDraft(
  tx: Tx,
  { conversationId, accountId, userId }: Answer,
  { message, uploads }: Cancelled,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `
      insert into drafts (account_id, conversation_id, user_id, content, mode, cc_emails, uploads)
      values ($1, $2, $3, $4, 'reply', $5, $6::uuid[])
      on conflict do nothing
    `,
    [
      accountId,
      conversationId,
      userId,
      message.content ?? '',
      copiesOf(message.contentAttributes['cc_emails']),
      uploads.slice(0, maxFiles),
    ],
  )
  return rowCount === 1
}

function copiesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}
