// Notifies a verified agent that the commands of their mail are not understood: what was understood, what was not and
// why, what to write instead, and their words to send again. Nothing was done, and nothing was sent. The mail goes to
// the agent's own address alone, and answers to it reach the conversation.

import type { CommandReport } from '../contracts/agent-commands.ts'
import { queryOne } from '../db/pool.ts'
import { isActive, seesConversation } from '../db/rules.ts'
import { formatReplyAddress, maskReplyAddresses } from '../mail/reply-address.ts'
import { accountSender, composeAutomaticMail } from './automatic-mail.ts'
import { renderCard } from './layout/card.ts'
import type { DeliveryOptions } from './send-reply.ts'

interface Agent {
  readonly email: string
  readonly account_id: number
  readonly account: string
  readonly domain: string | null
  readonly support_email: string | null
  readonly display_id: number
}

const agentSql = `
  select
    a.email,
    c.account_id,
    acc.name as account,
    acc.domain,
    acc.support_email,
    c.display_id
  from inbound_emails i
  join conversations c on c.id = $2
  join accounts acc on acc.id = c.account_id and ${isActive('acc')}
  join acting_members a on a.account_id = c.account_id and a.user_id = $3
  where i.id = $1
    and i.status = 'held'
    and ${seesConversation('a', 'c')}`

/**
 * Sends it, within the budget of automatic mail; nothing when the mail is held no longer, or the agent does not see the
 * conversation any more. Throws `MailError`.
 */
export async function notifyCommands(
  options: DeliveryOptions,
  work: CommandReport & { readonly inboundEmailId: number },
): Promise<void> {
  const { inboundEmailId, conversationId, userId } = work
  const agent = await queryOne<Agent>(options.pool, agentSql, [inboundEmailId, conversationId, userId])
  if (agent === null) return
  const accountId = agent.account_id
  if (!(await options.takeBudget({ accountId, mailbox: agent.email, isProven: true }))) return
  const domain = agent.domain ?? options.defaultDomain
  const token = await options.issueToken({
    accountId,
    conversationId,
    userId,
    role: work.isNote ? 'note' : 'agent',
    contactId: null,
    messageId: null,
  })
  const address = formatReplyAddress(token, domain)
  const name = `Conversation ${String(agent.display_id)}`
  await options.send(
    composeAutomaticMail(options, {
      sender: accountSender({ name: agent.account, domain, supportEmail: agent.support_email }),
      to: agent.email,
      replyTo: { name, address },
      subject: `Not done: commands for conversation ${String(agent.display_id)}`,
      ...renderCard({
        language: 'en',
        from: agent.account,
        color: null,
        preheader: 'Nothing was done, and nothing was sent to the customer.',
        sections: [[{ kind: 'text', text: textOf(work, address) }]],
      }),
      id: `commands/${String(inboundEmailId)}`,
      isAnswer: true,
      isBulk: true,
    }),
  )
}

function textOf({ understood, problems, words }: CommandReport, address: string): string {
  const refused = problems.map(({ said, why, instead }) => `- ${said}: ${sentence(why)} ${instead}`)
  const others = understood.length === 0 ? [] : [listed('Understood, and not done either:', understood.map(item))]
  return [
    'Nothing was done, and nothing was sent to the customer: a command of your mail is not understood.',
    listed('Not understood:', refused),
    ...others,
    `Reply to this email, or write to ${address}, with your words corrected. To send a line that begins with # to ` +
      'the customer, write another line above it. Your words:',
    maskReplyAddresses(words.trim()),
  ].join('\n\n')
}

const item = (one: string): string => `- ${one}`

const listed = (title: string, lines: readonly string[]): string => maskReplyAddresses([title, ...lines].join('\n'))

const sentence = (why: string): string => `${why.slice(0, 1).toUpperCase()}${why.slice(1)}.`
