// Notifies an agent that their answer is held, why, and what to do; and the administrators of the account, once a day.
// The sender of the held mail is not verified: it goes to addresses of confirmed agents of the account alone, once an
// hour each, and repeats nothing of the mail but its subject.

import { inTransaction, type Pool, queryOne } from '../db/pool.ts'
import { isActive } from '../db/rules.ts'
import { mailboxKey } from '../mail/address.ts'
import { maskReplyAddresses } from '../mail/reply-address.ts'
import { accountSender, composeAutomaticMail, recipientInId } from './automatic-mail.ts'
import { plainWords } from './notice-author.ts'
import { renderBodies } from './render.ts'
import type { DeliveryOptions } from './send-reply.ts'

interface Held {
  readonly id: number
  readonly reason: string
  readonly subject: string | null
  readonly from_address: string
  readonly account_id: number
  readonly account: string
  readonly domain: string | null
  readonly support_email: string | null
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
    (select display_id from conversations c where c.id = $2 and c.account_id = a.id) as display_id
  from inbound_emails i
  join accounts a on a.id = i.account_id and ${isActive('a')}
  where i.id = $1 and i.status = 'held'`

interface Recipient {
  readonly email: string
  readonly role: string
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
    `select email, role from acting_members where account_id = $1 and email not like '%.invalid' order by user_id`,
    [held.account_id],
  )
  const agent = rows.find(({ email }) => email === held.from_address)
  if (agent === undefined) return
  if (await mayNotify(options.pool, `held answer of ${mailboxKey(agent.email)}`, hour))
    await send(options, held, { to: agent.email, text: agentText(held) })
  if (!(await mayNotify(options.pool, `held answers of account ${String(held.account_id)}`, 24 * hour))) return
  for (const { email } of rows.filter(({ role, email }) => role === 'administrator' && email !== agent.email))
    await send(options, held, { to: email, text: administratorText(held) })
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

const why: Readonly<Record<string, string>> = {
  'agent-with-customer-token':
    'It was sent to the reply address of the customer, and an agent can only answer from a notice of their own.',
  'agent-not-verified': 'No mail server that we trust confirms that it is from you.',
  'agent-mail-degraded': 'Only a part of it could be read.',
}

const todo: Readonly<Record<string, string>> = {
  'agent-with-customer-token': 'Reply to the notice that you got about this conversation.',
  'agent-not-verified':
    'Ask your administrator to set up sender authentication (AUTHSERV_ID, SPF, DKIM and DMARC of your ' +
    'domain), or answer in the conversation itself.',
  'agent-mail-degraded': 'Send it again as plain text.',
}

function agentText(held: Held): string {
  return [
    `Your answer${conversationOf(held)} was not sent to the customer. ${why[held.reason] ?? ''}`,
    `Its subject: ${subjectOf(held)}`,
    `${todo[held.reason] ?? ''} An administrator can also send it on: rethread inbound file ` +
      `${String(held.id)} ${String(held.display_id ?? 'CONVERSATION')} --send-as-agent`,
    'If you did not write this mail, another person used your address, and you need not do anything. ' +
      'Further answers that are held within an hour are not announced.',
  ].join('\n\n')
}

function administratorText(held: Held): string {
  return [
    `An answer of ${plainWords(held.from_address)}${conversationOf(held)} is held and was not sent to the ` +
      `customer. ${why[held.reason] ?? ''}`,
    'All held mail: rethread inbound list --status held',
    `To send it on as the agent's: rethread inbound file ${String(held.id)} ` +
      `${String(held.display_id ?? 'CONVERSATION')} --send-as-agent. Be sure that the agent wrote it.`,
    'Further answers that are held today are not announced to administrators.',
  ].join('\n\n')
}

function conversationOf({ display_id: displayId }: Held): string {
  return displayId === null ? '' : ` to conversation ${String(displayId)}`
}

function subjectOf({ subject }: Held): string {
  const plain = plainWords(maskReplyAddresses(subject ?? ''))
  return plain === '' ? '(none)' : plain
}

async function send(
  options: DeliveryOptions,
  held: Held,
  { to, text }: { readonly to: string; readonly text: string },
): Promise<void> {
  await options.send(
    composeAutomaticMail(options, {
      sender: accountSender({
        name: held.account,
        domain: held.domain ?? options.defaultDomain,
        supportEmail: held.support_email,
      }),
      to,
      subject: `Not sent: answer${conversationOf(held)}`,
      ...renderBodies(text, []),
      id: `held/${String(held.id)}/${recipientInId(to)}`,
      isAnswer: true,
      isBulk: true,
    }),
  )
}
