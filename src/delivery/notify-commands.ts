// Notifies a verified agent that the commands of their mail are not understood: what was understood, what was not and
// why, what to write instead, and their words to send again. Nothing was done, and nothing was sent. The mail goes to
// the agent's own address alone, and answers to it reach the conversation. To a mail that was to begin a conversation
// the agent does not reply: the reply's subject would be that of this mail.

import type { CommandReport } from '../contracts/agent-commands.ts'
import { queryOne } from '../db/pool.ts'
import { isActive, seesConversation, seesInbox } from '../db/rules.ts'
import { formatReportId } from '../mail/commands/report-id.ts'
import { oneLine } from '../mail/compose.ts'
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
  readonly subject: string
  /** Null: the mail was to begin a conversation. */
  readonly display_id: number | null
}

const agentSql = `
  select
    a.email,
    acc.id as account_id,
    acc.name as account,
    acc.domain,
    acc.support_email,
    coalesce(i.subject, '') as subject,
    c.display_id
  from inbound_emails i
  left join conversations c on c.id = $2::int
  join accounts acc on acc.id = case when $2::int is null then i.account_id else c.account_id end
    and ${isActive('acc')}
  join acting_members a on a.account_id = acc.id and a.user_id = $3
  where i.id = $1
    and i.status = 'held'
    and case when $2::int is null then ${seesInbox('a', 'i.inbox_id')} else ${seesConversation('a', 'c')} end`

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
  const token =
    conversationId === null
      ? null
      : await options.issueToken({
          accountId,
          conversationId,
          userId,
          role: work.isNote ? 'note' : 'agent',
          contactId: null,
          messageId: null,
        })
  const address = token === null ? null : formatReplyAddress(token, domain)
  const name = `Conversation ${String(agent.display_id ?? '')}`
  await options.send(
    composeAutomaticMail(options, {
      sender: accountSender({ name: agent.account, domain, supportEmail: agent.support_email }),
      to: agent.email,
      replyTo: address === null ? null : { name, address },
      subject: subjectOf(agent),
      ...renderCard({
        language: 'en',
        from: agent.account,
        color: null,
        preheader: 'Nothing was done, and nothing was sent to the customer.',
        sections: [[{ kind: 'text', text: textOf(work, address) }]],
      }),
      id: formatReportId(inboundEmailId),
      isAnswer: true,
      isBulk: true,
    }),
  )
}

function subjectOf({ display_id: displayId, subject }: Agent): string {
  if (displayId !== null) return `Not done: commands for conversation ${String(displayId)}`
  return subject.trim() === '' ? 'Not sent: your mail' : `Not sent: ${oneLine(subject)}`
}

function textOf({ understood, problems, words }: CommandReport, address: string | null): string {
  const refused = problems.map(({ said, why, instead }) => `- ${said}: ${sentence(why)} ${instead}`)
  const others = understood.length === 0 ? [] : [listed('Understood, and not done either:', understood.map(item))]
  return [
    address === null
      ? 'No conversation was begun, and nothing was sent: something in your mail is missing or not understood.'
      : 'Nothing was done, and nothing was sent to the customer: a command of your mail is not understood.',
    listed('Not understood:', refused),
    ...others,
    `${
      address === null
        ? 'Send your mail again to your address for new conversations, corrected'
        : `Reply to this email, or write to ${address}, with your words corrected`
    }. To send a line that begins with # to the customer, write another line above it. Your words:`,
    maskReplyAddresses(words.trim()),
  ].join('\n\n')
}

const item = (one: string): string => `- ${one}`

const listed = (title: string, lines: readonly string[]): string => maskReplyAddresses([title, ...lines].join('\n'))

const sentence = (why: string): string => `${why.slice(0, 1).toUpperCase()}${why.slice(1)}.`
