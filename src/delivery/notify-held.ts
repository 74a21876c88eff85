// Notifies an agent that their answer is held, why, and what to do; and the administrators of the account, once a day.
// The sender of the held mail is not verified: it goes to addresses of confirmed agents of the account alone, once an
// hour each, and repeats nothing of the mail but its subject.

import { inTransaction, type Pool, queryOne } from '../db/pool.ts'
import { isActive } from '../db/rules.ts'
import { linkTo } from '../links.ts'
import { mailboxKey } from '../mail/address.ts'
import { maskReplyAddresses } from '../mail/reply-address.ts'
import { accountSender, composeAutomaticMail, recipientInId } from './automatic-mail.ts'
import { type Block, blockText } from './layout/blocks.ts'
import { renderCard } from './layout/card.ts'
import type { Bodies } from './layout/html.ts'
import { plainWords } from './notice-author.ts'
import type { DeliveryOptions } from './send-reply.ts'
import type { TextId } from './words/texts.ts'
import { type Say, type Words, wordsFor } from './words/words.ts'

interface Held {
  readonly id: number
  readonly reason: string
  readonly subject: string | null
  readonly from_address: string
  readonly account_id: number
  readonly account: string
  readonly domain: string | null
  readonly support_email: string | null
  readonly locale: string
  readonly display_id: number | null
}

const heldSql = `
  select
    i.id,
    i.reason,
    i.subject,
    lower(i.from_address) as from_address,
    a.id as account_id,
    a.name as account,
    a.domain,
    a.support_email,
    a.locale,
    (select display_id from conversations c where c.id = $2 and c.account_id = a.id) as display_id
  from inbound_emails i
  join accounts a on a.id = i.account_id and ${isActive('a')}
  where i.id = $1 and i.status = 'held'`

interface Recipient {
  readonly email: string
  readonly role: string
  readonly locale: string | null
}

const hour = 3_600

/**
 * Sends what is due; nothing when the mail is held no longer, or no agent of the account has its sender's address.
 * Throws `MailError`.
 */
export async function notifyHeld(
  options: DeliveryOptions,
  work: { readonly inboundEmailId: number; readonly conversationId: number | null },
): Promise<void> {
  const held = await queryOne<Held>(options.pool, heldSql, [work.inboundEmailId, work.conversationId])
  if (held === null) return
  const { rows } = await options.pool.query<Recipient>(
    `select
       m.email,
       m.role,
       u.ui_settings ->> 'locale' as locale
     from acting_members m
     join users u on u.id = m.user_id
     where m.account_id = $1 and m.email not like '%.invalid'
     order by m.user_id`,
    [held.account_id],
  )
  const agent = rows.find(({ email }) => email === held.from_address)
  if (agent === undefined) return
  if (await mayNotify(options.pool, `held answer of ${mailboxKey(agent.email)}`, hour))
    await send(options, held, { recipient: agent, blocks: agentBlocks })
  if (!(await mayNotify(options.pool, `held answers of account ${String(held.account_id)}`, 24 * hour))) return
  for (const recipient of rows.filter(({ role, email }) => role === 'administrator' && email !== agent.email))
    await send(options, held, { recipient, blocks: administratorBlocks })
}

// One in a window; a second attempt of the same work is one more.
async function mayNotify(pool: Pool, key: string, seconds: number): Promise<boolean> {
  return inTransaction(pool, async (tx) => {
    const { rowCount } = await tx.query(
      `insert into automatic_mail as kept (key, started_at, used) values ($1, clock_timestamp(), 1)
       on conflict (key) do update set started_at = clock_timestamp(), used = 1
       where kept.started_at <= clock_timestamp() - $2 * interval '1 second'`,
      [key, seconds],
    )
    return rowCount === 1
  })
}

const reasons = ['agent-with-customer-token', 'agent-not-verified', 'agent-mail-degraded'] as const

type Reason = (typeof reasons)[number]

const reasonOf = ({ reason }: Held): Reason | null => reasons.find((known) => known === reason) ?? null

/** What is said to the agent whose answer is held. Never throws. */
export function agentBlocks(say: Say, held: Held): Block[] {
  const reason = reasonOf(held)
  const number = conversationOf(held)
  const command = `rethread inbound file ${String(held.id)} ${number ?? 'CONVERSATION'} --send-as-agent`
  const notSent = number === null ? say('held.notSent') : say('held.notSent.to', { number })
  const why = reasonText(reason)
  const todo = reason === null ? '' : say(`held.todo.${reason}`)
  return [
    { kind: 'text', text: joined(notSent, why === null ? '' : say(why)) },
    { kind: 'text', text: say('held.itsSubject', { subject: subjectOf(say, held) }) },
    { kind: 'text', text: joined(todo, say('held.sendOn', { command })) },
    { kind: 'quiet', text: say('held.notYou') },
  ]
}

/** What is said to an administrator of the account. Never throws. */
function administratorBlocks(say: Say, held: Held): Block[] {
  const reason = reasonOf(held)
  const number = conversationOf(held)
  const email = plainWords(held.from_address)
  const command = `rethread inbound file ${String(held.id)} ${number ?? 'CONVERSATION'} --send-as-agent`
  const notSent = number === null ? say('held.notSent.of', { email }) : say('held.notSent.of.to', { email, number })
  const why = reason === 'agent-not-verified' ? 'held.why.of.agent-not-verified' : reasonText(reason)
  return [
    { kind: 'text', text: joined(notSent, why === null ? '' : say(why)) },
    { kind: 'text', text: say('held.list', { command: 'rethread inbound list --status held' }) },
    { kind: 'text', text: say('held.sendAs', { command }) },
    { kind: 'quiet', text: say('held.further') },
  ]
}

const reasonText = (reason: Reason | null): TextId | null => (reason === null ? null : `held.why.${reason}`)

const joined = (...sentences: readonly string[]): string => sentences.filter((one) => one !== '').join(' ')

function conversationOf({ display_id: displayId }: Held): string | null {
  return displayId === null ? null : String(displayId)
}

function subjectOf(say: Say, { subject }: Held): string {
  const plain = plainWords(maskReplyAddresses(subject ?? ''))
  return plain === '' ? say('held.noSubject') : plain
}

/** Both bodies of the mail about a held answer. Never throws. */
export function renderHeld({ say, language }: Words, held: Held, notice: HeldNotice): Bodies {
  const [first, ...others] = notice.blocks(say, held)
  const url = linkTo(notice.publicUrl, `/app/accounts/${String(held.account_id)}/held`)
  const label = say('held.open')
  return renderCard({
    language,
    from: plainWords(held.account),
    color: null,
    preheader: first === undefined ? '' : blockText(first),
    sections: [
      [...(first === undefined ? [] : [first]), ...others.slice(0, -1), { kind: 'button', label, text: label, url }],
      others.slice(-1),
    ],
  })
}

interface HeldNotice {
  readonly blocks: typeof agentBlocks
  readonly publicUrl: string
}

async function send(
  options: DeliveryOptions,
  held: Held,
  { recipient, blocks }: { readonly recipient: Recipient; readonly blocks: typeof agentBlocks },
): Promise<void> {
  const words = wordsFor(recipient.locale, held.locale)
  const number = conversationOf(held)
  await options.send(
    composeAutomaticMail(options, {
      sender: accountSender({
        name: held.account,
        domain: held.domain ?? options.defaultDomain,
        supportEmail: held.support_email,
      }),
      to: recipient.email,
      subject: number === null ? words.say('held.subject') : words.say('held.subject.to', { number }),
      ...renderHeld(words, held, { blocks, publicUrl: options.publicUrl }),
      id: `held/${String(held.id)}/${recipientInId(recipient.email)}`,
      isAnswer: true,
      isBulk: true,
    }),
  )
}
