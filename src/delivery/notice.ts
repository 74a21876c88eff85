// One notice to one agent about a conversation: the messages, their authors, and a reply address that is the agent's
// alone. It is automatic mail (RFC 3834): it says so, answers nothing, and has a budget.

import { type Pool, queryOne } from '../db/pool.ts'
import { seesConversation } from '../db/rules.ts'
import { composeThread, oneLine } from '../mail/compose.ts'
import { formatReplyAddress } from '../mail/reply-address.ts'
import { composeAutomaticMail, notificationSettingsUrl } from './automatic-mail.ts'
import { type NoticeWords, renderNotice } from './notice-body.ts'
import { readNoticeContext } from './notice-context.ts'
import { attachSmall } from './notice-parts.ts'
import { type OutgoingFacts, readAttached } from './outgoing-facts.ts'
import type { DeliveryOptions } from './send-reply.ts'
import { type Words, wordsFor } from './words/words.ts'

/** An agent who may be mailed about a conversation. */
export interface NotifiedAgent {
  readonly userId: number
  readonly email: string
  /** The assignee; null for none. */
  readonly assigneeId: number | null
  readonly assignee: string | null
  /** The agent's own; null: the account's is used. */
  readonly locale: string | null
  /** Chatwoot's names of the notices that the agent wants. */
  readonly flags: readonly string[] | null
  /** Those that the agent does not want for the conversation's inbox. */
  readonly muted: readonly string[]
}

const agentSql = `
  select
    a.user_id as "userId",
    a.email,
    c.assignee_id as "assigneeId",
    coalesce(u.display_name, u.name, b.name) as assignee,
    own.ui_settings ->> 'locale' as locale,
    s.email_flags as flags,
    coalesce(n.muted_email_flags, '{}') as muted
  from conversations c
  join acting_members a on a.account_id = c.account_id and a.user_id = $1
  join users own on own.id = a.user_id
  left join users u on u.id = c.assignee_id
  left join agent_bots b on b.id = c.assignee_agent_bot_id
  left join notification_settings s on s.account_id = a.account_id and s.user_id = a.user_id
  left join inbox_notifications n on n.inbox_id = c.inbox_id and n.user_id = a.user_id
  where c.id = $2
    and ${seesConversation('a', 'c')}`

/** Null: gone, not confirmed, or without access to the conversation. */
export function findNotifiedAgent(pool: Pool, userId: number, conversationId: number): Promise<NotifiedAgent | null> {
  return queryOne<NotifiedAgent>(pool, agentSql, [userId, conversationId])
}

/** True if the agent wants notices of this kind: all of them unless they have chosen. Never throws. */
export function wants({ flags, muted }: NotifiedAgent, flag: string): boolean {
  return !muted.includes(flag) && (flags === null || flags.includes(flag))
}

export interface Notice extends NoticeWords {
  readonly agent: NotifiedAgent
  /** Left-hand side of the Message-ID. */
  readonly id: string
}

/** True if notices about this account's conversations may leave: answers must be able to come back. Never throws. */
export function mayNotify({ account }: OutgoingFacts): boolean {
  return account.active && account.inboundEmails
}

/** The words of mail to the agent: in the agent's language, else the account's. Never throws. */
export function agentWords({ account }: OutgoingFacts, { locale }: NotifiedAgent): Words {
  return wordsFor(locale, account.locale)
}

/** Sends it, and notes which message the agent has been mailed. Throws `MailError`. */
export async function sendNotice(options: DeliveryOptions, notice: Notice, agentToken: string): Promise<void> {
  const { facts, agent, parts } = notice
  const { account, conversation, inbox } = facts
  const words = agentWords(facts, agent)
  const files = await Promise.all(parts.map(({ messageId }) => readAttached(options.pool, messageId)))
  const context = await readNoticeContext(options.pool, facts, { first: parts[0]?.messageId ?? facts.messageId, words })
  const attachments = await attachSmall(options.pool, files.flat())
  const token = facts.isPrivate ? await issueNoteToken(options, notice) : agentToken
  const { label, isVerified } = parts.at(-1)?.author ?? { label: oneLine(facts.contact.name), isVerified: true }
  const subject = conversation.subject ?? words.say('notice.subject')
  await options.send(
    composeAutomaticMail(options, {
      sender: {
        ...facts,
        name: words.say(isVerified ? 'from.via' : 'from.via.notVerified', {
          author: label,
          inbox: oneLine(inbox.name),
        }),
      },
      to: agent.email,
      replyTo: { name: label, address: formatReplyAddress(token, account.domain) },
      ...composeThread({
        conversation: { ...conversation, accountId: account.id, accountName: account.name },
        parent: null,
        domain: account.domain,
        ownSubject: `[#${String(conversation.displayId)}] ${subject}`,
      }),
      ...renderNotice(words, notice, { files, context, publicUrl: options.publicUrl }),
      id: notice.id,
      attachments,
      isBulk: true,
      list: {
        label: `inbox-${String(inbox.id)}.account-${String(account.id)}`,
        settingsUrl: notificationSettingsUrl(options.publicUrl, account.id),
      },
    }),
  )
  // A note is none of the messages that the agent is mailed in their order.
  if (!facts.isPrivate)
    await recordNotice(
      options.pool,
      { conversationId: conversation.id, userId: agent.userId, isMailed: true },
      facts.messageId,
    )
}

// What an agent answers to a private note must not reach the contact, whatever the answer says of itself.
function issueNoteToken(options: DeliveryOptions, { facts, agent }: Notice): Promise<string> {
  return options.issueToken({
    accountId: facts.account.id,
    conversationId: facts.conversation.id,
    role: 'note',
    contactId: null,
    userId: agent.userId,
    messageId: null,
  })
}

/** Most notices to one agent about one conversation in an hour; further messages come together afterwards. */
const noticesPerHour = 20
/** Conversations that one agent is mailed of in an hour because they are new or newly assigned. */
const conversationsPerHour = 100

const hourMs = 3_600_000

interface NoticeTarget {
  readonly conversationId: number
  readonly userId: number
}

/**
 * Makes or finds the agent's reply token in the conversation and takes one notice from their budget, which is counted
 * there. If none is left, `waitMs` says when there are more. `isMore`: the agent is neither assigned nor a participant.
 */
export async function admitNotice(
  options: DeliveryOptions,
  { account, conversation }: OutgoingFacts,
  agent: { readonly userId: number; readonly isMore: boolean },
): Promise<{ readonly token: string } | { readonly waitMs: number }> {
  const noticeTarget = { conversationId: conversation.id, userId: agent.userId }
  if (agent.isMore && !(await mayNotifyMore(options.pool, agent.userId))) return { waitMs: hourMs }
  const token = await options.issueToken({
    ...noticeTarget,
    accountId: account.id,
    role: 'agent',
    contactId: null,
    messageId: null,
  })
  return (await takeNotice(options.pool, noticeTarget)) ? { token } : { waitMs: hourMs }
}

async function takeNotice(pool: Pool, { conversationId, userId }: NoticeTarget): Promise<boolean> {
  const row = await queryOne<{ notice_count: number }>(
    pool,
    `
      update reply_tokens
      set
        notice_count = case when noticed_at > now() - interval '1 hour' then notice_count + 1 else 1 end,
        noticed_at = case when noticed_at > now() - interval '1 hour' then noticed_at else now() end
      where conversation_id = $1 and user_id = $2 and role = 'agent' and revoked_at is null
      returning notice_count
    `,
    [conversationId, userId],
  )
  return row !== null && row.notice_count <= noticesPerHour
}

async function mayNotifyMore(pool: Pool, userId: number): Promise<boolean> {
  const row = await queryOne<{ lately: number }>(
    pool,
    `select count(*)::int as lately
     from reply_tokens
     where user_id = $1 and role = 'agent' and last_notice_at > now() - interval '1 hour'`,
    [userId],
  )
  return (row?.lately ?? 0) < conversationsPerHour
}

export interface NoticeState {
  /** The last message of the conversation that the agent was mailed. */
  readonly messageId: number | null
  /** Since then, in ms. */
  readonly agoMs: number | null
}

/** The notices that the agent already received about the conversation. */
export async function readNoticeState(pool: Pool, { conversationId, userId }: NoticeTarget): Promise<NoticeState> {
  const row = await queryOne<NoticeState>(
    pool,
    `select
       noticed_message_id as "messageId",
       (extract(epoch from now() - last_notice_at) * 1000)::float8 as "agoMs"
     from reply_tokens
     where conversation_id = $1 and user_id = $2 and role = 'agent' and revoked_at is null`,
    [conversationId, userId],
  )
  return row ?? { messageId: null, agoMs: null }
}

/** Notes the last message that the agent knows, by a notice or from the browser. */
export async function recordNotice(
  pool: Pool,
  { conversationId, userId, isMailed }: NoticeTarget & { readonly isMailed: boolean },
  messageId: number,
): Promise<void> {
  await pool.query(
    `update reply_tokens set
       noticed_message_id = greatest(noticed_message_id, $3),
       last_notice_at = case when $4 then now() else last_notice_at end
     where conversation_id = $1 and user_id = $2 and role = 'agent' and revoked_at is null`,
    [conversationId, userId, messageId, isMailed],
  )
}
