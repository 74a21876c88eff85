// A contact wrote: the assignee and the participating agents get a notice whose reply address is theirs alone, so that they may answer
// from a mail client. It is automatic mail (RFC 3834): it says so, answers nobody, and has a budget.

import { queryOne, type Pool } from '../db/pool.ts'
import { composeThread, oneLine } from '../mail/compose.ts'
import { formatReplyAddress } from '../mail/reply-address.ts'
import { readOutgoing } from './outgoing-facts.ts'
import { renderBodies } from './render.ts'
import { fromAddress, type DeliveryOptions } from './send-reply.ts'

// Who still sees the conversation: an administrator, a member of its inbox, or whose it is.
const agentSql = `select u.email from messages m join conversations c on c.id = m.conversation_id join account_users a on a.account_id = c.account_id and a.user_id = $2 join users u on u.id = a.user_id
  where m.id = $1 and (a.role = 'administrator' or c.assignee_id = a.user_id or exists (select 1 from inbox_members n where n.inbox_id = c.inbox_id and n.user_id = a.user_id))`

/** Sends one notice to one agent; nothing when the account may not receive, or the agent is gone or does not see the conversation any more. Throws `MailError`. */
export async function notifyAgent(options: DeliveryOptions, work: { readonly messageId: number; readonly userId: number }): Promise<void> {
  const facts = await readOutgoing(options.pool, work.messageId, options.defaultDomain)
  const agent = await queryOne<{ email: string }>(options.pool, agentSql, [work.messageId, work.userId])
  if (facts === null || agent === null || !facts.account.active || !facts.account.inboundEmails) return
  const { account, conversation, contact } = facts
  const token = await options.issueToken({ accountId: account.id, conversationId: conversation.id, role: 'agent', contactId: null, userId: work.userId, messageId: null })
  if (!(await hasBudget(options.pool, { conversationId: facts.conversation.id, userId: work.userId }))) return
  const address = fromAddress(options, facts)
  const name = nameOf(contact)
  const thread = composeThread({
    conversation: { ...conversation, accountId: account.id },
    parent: null,
    domain: account.domain,
    ownSubject: `[#${String(conversation.displayId)}] ${conversation.subject ?? 'New message'}`,
  })
  await options.send({
    envelope: { from: '', to: [agent.email] },
    from: { name: `${name} via ${oneLine(facts.inbox.name)}`, address },
    replyTo: { name, address: formatReplyAddress(token, account.domain) },
    to: [agent.email],
    cc: [],
    ...thread,
    ...renderBodies(facts.content, []),
    messageId: `notice/${String(work.userId)}/messages/${String(facts.messageId)}@${account.domain}`,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All', Precedence: 'bulk' },
    attachments: [],
  })
}

function nameOf(contact: { readonly name: string; readonly email: string | null }): string {
  return oneLine(contact.name === '' ? (contact.email ?? 'A contact') : contact.name)
}

/** Notices to one agent about one conversation in an hour; who writes more than this is read in the conversation. */
const noticesPerHour = 20

// Counted on the agent's reply token, which every notice needs.
async function hasBudget(pool: Pool, place: { readonly conversationId: number; readonly userId: number }): Promise<boolean> {
  const row = await queryOne<{ notice_count: number }>(
    pool,
    `update reply_tokens set notice_count = case when noticed_at > now() - interval '1 hour' then notice_count + 1 else 1 end,
       noticed_at = case when noticed_at > now() - interval '1 hour' then noticed_at else now() end
     where conversation_id = $1 and user_id = $2 and role = 'agent' and revoked_at is null returning notice_count`,
    [place.conversationId, place.userId],
  )
  return row !== null && row.notice_count <= noticesPerHour
}
