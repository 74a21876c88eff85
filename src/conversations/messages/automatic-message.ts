// Decides whether a template, a rule or a bot may write a public message, in the transaction that locks the
// conversation: loops are stopped and handed to agents; a message that leaves as mail is counted in the budget of
// automatic mail, any other by contact.

import { queryOne, type Tx } from '../../db/pool.ts'
import { setStatus } from '../actions/change-status.ts'
import { type AutomaticMailLimits, takeBudget, takeOf } from '../automatic-budget.ts'
import { lockConversation, noteActivities } from '../locked-conversation.ts'
import { checkRun, stopSentence } from './machine-run.ts'
import { isByMachine, isOutgoing, type NewMessage } from './new-message.ts'
import type { MailDispatch } from './queue-mail.ts'

/** Why a machine's message is not written. */
export type Withheld = 'loop' | 'budget'

interface Admission {
  readonly withheld: Withheld | null
  readonly isNeutral: boolean
}

interface AutomaticMessage {
  readonly conversation: {
    readonly id: number
    readonly account_id: number
    readonly contact_id: number
    /** The recipient of the conversation's replies. */
    readonly recipient: string | null
    /** An unproven visitor named that address. */
    readonly is_claimed: boolean
  }
  readonly message: NewMessage
  readonly dispatch: MailDispatch
  readonly limits: AutomaticMailLimits | undefined
}

/**
 * `withheld` null: a person writes it, or it may be written and its mail is paid for; `isNeutral` when nothing that
 * the sender wrote may be repeated to them.
 */
export async function admitAutomatic(
  tx: Tx,
  { conversation, message, dispatch, limits }: AutomaticMessage,
): Promise<Admission> {
  if (message.private || !isOutgoing(message) || !isByMachine(message)) return free
  const run = await checkRun(tx, conversation.id)
  if (run.isOver) {
    if (!run.notified) await notifyPeople(tx, conversation.id, message.author)
    return { withheld: 'loop', isNeutral: false }
  }
  const { recipient } = conversation
  // Mail of another channel is paid for when it leaves: it may wait for more, or not leave at all.
  if (dispatch !== 'at-once' || recipient === null) return countUnmailed(tx, conversation.contact_id, message)
  const isProven = await isSenderProven(tx, conversation)
  for (const mail of recipientsOf(message, recipient, isProven))
    if (!(await takeBudget(tx, { accountId: conversation.account_id, ...mail }, limits)))
      return { withheld: 'budget', isNeutral: false }
  return { withheld: null, isNeutral: !isProven }
}

const free: Admission = { withheld: null, isNeutral: false }

// Bots are not limited here: talking is their purpose. Rules and templates write little.
async function countUnmailed(tx: Tx, contactId: number, { author }: NewMessage): Promise<Admission> {
  if (author?.type === 'agent_bot') return free
  const allowance = { most: perContactAndHour, seconds: 3_600, count: 1 }
  return (await takeOf(tx, `contact ${String(contactId)}`, allowance)) ? free : { ...free, withheld: 'budget' }
}

const perContactAndHour = 10

// Further recipients are named by a program of the account, and count as proven.
function recipientsOf(
  { contentAttributes }: NewMessage,
  email: string,
  isProven: boolean,
): { mailbox: string; isProven: boolean }[] {
  const listed = ['to_emails', 'cc_emails', 'bcc_emails'].flatMap((name) => {
    const value = contentAttributes[name]
    return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : []
  })
  const others = [...new Set(listed)].filter((entry) => entry.toLowerCase() !== email)
  const named = Array.isArray(contentAttributes['to_emails']) && contentAttributes['to_emails'].length > 0
  const own = named && !listed.some((entry) => entry.toLowerCase() === email) ? [] : [{ mailbox: email, isProven }]
  return [...own, ...others.map((mailbox) => ({ mailbox, isProven: true }))]
}

/**
 * True if the contact's mailbox is known to be that of the last sender: the newest mail was authenticated, or came to a
 * reply address that only that mailbox received. An account that writes first has chosen the address itself.
 */
async function isSenderProven(
  tx: Tx,
  { id, is_claimed: isClaimed }: { readonly id: number; readonly is_claimed: boolean },
): Promise<boolean> {
  const newest = await queryOne<{ proven: boolean; by_mail: boolean }>(
    tx,
    `
      select
        m.content_type = 'incoming_email' as by_mail,
        coalesce(m.content_attributes ->> 'sender_verified', '') = 'true'
          or coalesce(e.reason = 'reply-address', false) as proven
      from messages m
      left join inbound_emails e on e.id = m.inbound_email_id
      where m.conversation_id = $1 and m.message_type = 'incoming'
      order by m.id desc
      limit 1
    `,
    [id],
  )
  if (newest === null || !newest.by_mail) return !isClaimed
  return newest.proven
}

async function notifyPeople(tx: Tx, conversationId: number, author: NewMessage['author']): Promise<void> {
  const locked = await lockConversation(tx, conversationId)
  if (locked === null) return
  const by =
    author?.type === 'agent_bot'
      ? ({ kind: 'agent_bot', id: author.id, name: '' } as const)
      : ({ kind: 'system' } as const)
  if (locked.status === 'pending')
    await setStatus(tx, locked, { status: 'open', snoozedUntil: null, by, sentence: stopSentence })
  else await noteActivities(tx, locked, [stopSentence])
}
