// An agent's answer by mail waits before it leaves: the agent is mailed when it leaves, and a link that stops it. It is
// automatic mail (RFC 3834) to the verified author alone, one for each answer, and nothing may be written to it: a
// reply that says "stop" would otherwise go to the customer.

import { queryOne } from '../db/pool.ts'
import { linkTo } from '../links.ts'
import { maskReplyAddresses } from '../mail/reply-address.ts'
import { composeAutomaticMail } from './automatic-mail.ts'
import { renderCard } from './layout/card.ts'
import type { Bodies } from './layout/html.ts'
import { agentWords, findNotifiedAgent } from './notice.ts'
import { plainWords } from './notice-author.ts'
import { type OutgoingFacts, readOutgoing } from './outgoing-facts.ts'
import type { DeliveryOptions } from './send-reply.ts'
import { timeOfDay } from './words/time-of.ts'
import type { Words } from './words/words.ts'

/** The page says for so long what became of the answer. */
const linkDays = 7
/** Of the words; the whole answer is in the agent's own sent mail. */
const maxShown = 1_000

/**
 * Sends it; nothing when the answer waits no longer, the agent may not act in the conversation any more, or was mailed
 * as many in this hour. Throws `MailError`.
 */
export async function notifyUndo(
  options: DeliveryOptions,
  { messageId, userId }: { readonly messageId: number; readonly userId: number },
): Promise<void> {
  const facts = await readOutgoing(options.pool, messageId, options.defaultDomain)
  const leavesAt = facts === null ? null : waitsUntil(facts)
  if (facts === null || leavesAt === null) return
  const agent = await findNotifiedAgent(options.pool, userId, facts.conversation.id)
  if (agent === null) return
  const { account, inbox } = facts
  const mailbox = agent.email
  if (!(await options.takeBudget({ accountId: account.id, mailbox, isProven: true, isConfirmation: true }))) return
  const code = await options.createLink({
    purpose: 'stop-answer',
    subjectId: messageId,
    email: mailbox,
    accountId: account.id,
    expiresAt: new Date(leavesAt.getTime() + linkDays * 86_400_000),
  })
  const words = agentWords(facts, agent)
  const waiting = {
    inbox: { name: plainWords(inbox.name), color: inbox.mailColor },
    name: plainWords(facts.contact.name === '' ? (facts.recipient.email ?? '') : facts.contact.name),
    leavesAt,
    ...(await readWaiting(options, messageId)),
    content: facts.content,
    url: linkTo(options.publicUrl, `/confirm/${code}`),
  }
  await options.send(
    composeAutomaticMail(options, {
      // Not the inbox's address: an answer to this mail would begin a conversation with the agent.
      sender: { account, inbox: { email: null }, name: waiting.inbox.name },
      to: mailbox,
      subject: words.say('undo.subject', { name: waiting.name, time: timeFor(words, waiting) }),
      ...renderUndo(words, waiting),
      id: `undo/${String(messageId)}`,
      isAnswer: true,
      isBulk: false,
    }),
  )
}

// Null: it has left, is leaving, was stopped, or did not wait.
function waitsUntil({ attributes }: OutgoingFacts): Date | null {
  const delivery = attributes['delivery'] as { readonly state?: unknown; readonly send_at?: unknown } | undefined
  if (delivery?.state !== 'queued' || typeof delivery.send_at !== 'string') return null
  const at = new Date(delivery.send_at)
  return at.getTime() > Date.now() ? at : null
}

async function readWaiting({ pool }: Pick<DeliveryOptions, 'pool'>, messageId: number) {
  const row = await queryOne<{ commands: string[] | null; timezone: string }>(
    pool,
    `
      select m.additional_attributes #> '{before_send,commands}' as commands, i.timezone
      from messages m
      join inboxes i on i.id = m.inbox_id
      where m.id = $1
    `,
    [messageId],
  )
  return { commands: row?.commands ?? [], timeZone: row?.timezone ?? 'UTC' }
}

export interface WaitingAnswer {
  readonly inbox: { readonly name: string; readonly color: string | null }
  /** The customer. */
  readonly name: string
  readonly leavesAt: Date
  readonly timeZone: string
  /** Performed already. */
  readonly commands: readonly string[]
  readonly content: string
  readonly url: string
}

function timeFor({ language }: Words, { leavesAt, timeZone }: Pick<WaitingAnswer, 'leavesAt' | 'timeZone'>): string {
  return timeOfDay(leavesAt, language, timeZone)
}

/** Both bodies of the mail. Never throws. */
function renderUndo(words: Words, waiting: WaitingAnswer): Bodies {
  const { say, language } = words
  const { inbox, name, commands, content, url } = waiting
  const text = say('undo.text', { name, time: timeFor(words, waiting) })
  const said = maskReplyAddresses(commands.join(' '))
  const shown = maskReplyAddresses(content).slice(0, maxShown).toWellFormed()
  return renderCard({
    language,
    from: inbox.name,
    color: inbox.color,
    preheader: text,
    sections: [
      [
        { kind: 'text', text },
        { kind: 'button', label: say('undo.button'), text: say('undo.button'), url },
        ...(commands.length === 0 ? [] : [{ kind: 'text', text: say('undo.commands', { commands: said }) } as const]),
      ],
      shown.trim() === '' ? [] : [{ kind: 'text', text: shown }],
      [{ kind: 'quiet', text: say('undo.quiet') }],
    ],
  })
}
