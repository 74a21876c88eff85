// Stops an answer that an agent wrote by mail, by the link that the agent was mailed while it waits (cancel-send.ts).
// The words come back to the agent: on the page of the link, and as their draft in the conversation. The link may be
// opened again: the work row decides what can still be done, and the page says what has become of the answer.

import { queryOne, type Sql, type Tx } from '../../db/pool.ts'
import { addressKey } from '../../mail/address.ts'
import { setStatus } from '../actions/change-status.ts'
import type { LinkOutcome, LinkQuestion, PageReader, PageText } from '../links/link-page.ts'
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
  /** Of the customer; null: neither name nor address is known. */
  readonly name: string | null
  readonly state: string | null
  readonly sendAt: string | null
  readonly sentAt: string | null
  readonly isStopped: boolean
  readonly statusBefore: string | null
  readonly commands: readonly string[] | null
  /** The agent's own; null: the account's is used. */
  readonly locale: string | null
  readonly accountLocale: string
  readonly timeZone: string
}

const answerSql = `
  select
    m.id as "messageId",
    m.account_id as "accountId",
    c.id as "conversationId",
    c.display_id as "displayId",
    m.sender_id as "userId",
    coalesce(nullif(k.name, ''), r.email) as name,
    m.content_attributes #>> '{delivery,state}' as state,
    m.content_attributes #>> '{delivery,send_at}' as "sendAt",
    m.content_attributes #>> '{delivery,at}' as "sentAt",
    coalesce(m.content_attributes ->> 'send_cancelled', '') = 'true' as "isStopped",
    m.additional_attributes #>> '{before_send,status}' as "statusBefore",
    m.additional_attributes #> '{before_send,commands}' as commands,
    own.ui_settings ->> 'locale' as locale,
    acc.locale as "accountLocale",
    i.timezone as "timeZone",
    a.email
  from messages m
  join accounts acc on acc.id = m.account_id
  join inboxes i on i.id = m.inbox_id
  join conversations c on c.id = m.conversation_id
  join contacts k on k.id = c.contact_id
  join conversation_recipients r on r.conversation_id = c.id
  join acting_members a on a.account_id = m.account_id and a.user_id = m.sender_id
  join users own on own.id = a.user_id
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
  const { sendAt, state, isStopped } = answer
  const leavesAt = new Date(sendAt ?? 0)
  if (isStopped || state !== 'queued' || leavesAt.getTime() <= Date.now())
    return { ...pageOf(answer), ...whatBecame(answer), button: null }
  return {
    ...pageOf(answer),
    title: { id: 'stop.title' },
    sentences: [{ id: 'stop.ask', values: { name: nameOf(answer), time: leavesAt } }, ...aboutCommands(answer)],
    button: { id: 'stop.button' },
  }
}

/** Stops it in the caller's transaction; null: it is not the agent's to stop any more. */
export async function stopAnswer(tx: Tx, link: Link): Promise<LinkOutcome | null> {
  const answer = await findAnswer(tx, link)
  if (answer === null) return null
  const cancelled = await cancelSendIn(tx, answer)
  if (typeof cancelled === 'string') {
    const now = await findAnswer(tx, link)
    return now === null ? null : { ...pageOf(now), ...whatBecame(now), done: now.isStopped, words: null }
  }
  const isReopened = await reopen(tx, answer)
  const isKept = await keepDraft(tx, answer, cancelled)
  return {
    ...pageOf(answer),
    done: true,
    title: { id: 'stopped.title' },
    sentences: [
      { id: 'stopped.text', values: { name: nameOf(answer) } },
      { id: isKept ? 'stopped.draft' : 'stopped.otherDraft', values: { number: String(answer.displayId) } },
      ...aboutCommands(answer),
      ...(isReopened ? [{ id: 'stopped.reopened' } as const] : []),
    ],
    words: cancelled.message.content,
  }
}

function pageOf(answer: Answer): { readonly reader: PageReader } & Pick<LinkQuestion, 'conversation'> {
  const { accountId, displayId, locale, accountLocale, timeZone } = answer
  return { reader: { locales: [locale, accountLocale], timeZone }, conversation: { accountId, displayId } }
}

function nameOf({ name }: Answer): string | PageText {
  return name ?? { id: 'customer' }
}

function whatBecame(answer: Answer): Pick<LinkQuestion, 'title' | 'sentences'> {
  const { isStopped, state, sentAt } = answer
  const name = nameOf(answer)
  const said = (title: PageText, sentence: PageText) => ({ title, sentences: [sentence] })
  if (isStopped) return said({ id: 'stopped.title' }, { id: 'stopped.text', values: { name } })
  if (sentAt !== null) return said({ id: 'left.title' }, { id: 'left.text', values: { name, time: new Date(sentAt) } })
  if (state === null) return said({ id: 'deleted.title' }, { id: 'deleted.text', values: { name } })
  const isLost = state === 'failed' || state === 'suppressed'
  return said({ id: 'tooLate.title' }, { id: isLost ? 'tooLate.failed' : 'tooLate.leaving', values: { name } })
}

function aboutCommands({ commands }: Answer): readonly PageText[] {
  return commands === null || commands.length === 0
    ? []
    : [{ id: 'stop.commands', values: { commands: commands.join(' ') } }]
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
