// Sends a conversation as one mail to an address that an agent names: the public messages, in order. To the contact,
// and to an agent of the account, it carries their reply address, so that an answer finds the conversation; to others
// none.

import { type Pool, queryOne } from '../db/pool.ts'
import { hasInbound, isActive, isKnown } from '../db/rules.ts'
import { MailError } from '../errors.ts'
import { composeThread, oneLine, senderName } from '../mail/compose.ts'
import { formatReplyAddress } from '../mail/reply-address.ts'
import { composeAutomaticMail } from './automatic-mail.ts'
import type { Block } from './layout/blocks.ts'
import { renderCard } from './layout/card.ts'
import { type Bodies, linesAsHtml } from './layout/html.ts'
import { renderMarkdown } from './layout/markdown.ts'
import type { DeliveryOptions } from './send-reply.ts'
import { timeOf } from './words/time-of.ts'
import { type Words, wordsFor } from './words/words.ts'

interface Facts {
  readonly conversation_id: number
  readonly uuid: string
  readonly display_id: number
  readonly account_id: number
  readonly account_name: string
  readonly domain: string
  readonly support_email: string | null
  readonly inbound_emails: boolean
  readonly active: boolean
  readonly inbox_name: string
  readonly mail_color: string | null
  readonly timezone: string
  readonly locale: string
  readonly business_name: string | null
  readonly sender_name_type: string
  readonly channel_email: string | null
  readonly contact_id: number | null
  readonly user_id: number | null
}

const factsSql = `select c.id as conversation_id,
    c.uuid,
    c.display_id,
    a.id as account_id,
    a.name as account_name,
    coalesce(a.domain, $3) as domain,
    a.support_email,
    ${hasInbound('a')} as inbound_emails,
    ${isActive('a')} as active,
    i.name as inbox_name,
    i.mail_color,
    i.timezone,
    a.locale,
    i.business_name,
    i.sender_name_type,
    case when ch.email_confirmed_at is not null then ch.email end as channel_email,
    case when known.contact_id is not null or r.email = $2 then c.contact_id end as contact_id,
    (select u.user_id from acting_members u where u.email = $2 and u.account_id = a.id) as user_id
  from conversations c
    join conversation_recipients r on r.conversation_id = c.id
    join accounts a on a.id = c.account_id
    join inboxes i on i.id = c.inbox_id
    join channels ch on ch.id = i.channel_id
    left join contact_addresses known
      on known.contact_id = c.contact_id and known.email = $2 and ${isKnown('known')}
  where c.id = $1`

/** Sends it, once per call; nothing when the conversation is gone. Throws `MailError`. */
export async function sendTranscript(
  options: DeliveryOptions,
  work: { readonly conversationId: number; readonly email: string; readonly token: string },
): Promise<void> {
  const email = work.email.trim().toLowerCase()
  const facts = await queryOne<Facts>(options.pool, factsSql, [work.conversationId, email, options.defaultDomain])
  if (facts === null) return
  if ((await options.findSuppressed(facts.account_id, [email])).length > 0)
    return options.noteActivity(
      { conversationId: work.conversationId },
      `The transcript was not sent to ${email}: it is a suppressed address of this account`,
    )
  if (!facts.active) throw new MailError('unavailable', `account ${String(facts.account_id)} is suspended`)
  const name = senderName({
    agent: null,
    business: facts.business_name ?? facts.inbox_name,
    style: facts.sender_name_type,
  })
  const replyTo = await replyAddressOf(options, facts, email)
  const words = wordsFor(facts.locale)
  const subject = words.say('transcript.subject', { number: `#${String(facts.display_id)}` })
  const conversation = {
    uuid: facts.uuid,
    accountId: facts.account_id,
    accountName: facts.account_name,
    subject: null,
    publicMessages: 1,
  }
  await options.send(
    composeAutomaticMail(options, {
      sender: {
        name,
        inbox: { email: facts.channel_email },
        account: { domain: facts.domain, supportEmail: facts.support_email },
      },
      to: email,
      replyTo: replyTo === null ? null : { name, address: replyTo },
      ...composeThread({ conversation, parent: null, domain: facts.domain, ownSubject: subject }),
      ...renderTranscript(words, facts, await readTranscript(options.pool, facts.conversation_id)),
      id: `transcript/${facts.uuid}/${work.token}`,
      isBulk: false,
    }),
  )
}

async function replyAddressOf({ issueToken }: DeliveryOptions, facts: Facts, email: string): Promise<string | null> {
  if (!facts.inbound_emails) return null
  const tokenTarget = { accountId: facts.account_id, conversationId: facts.conversation_id, messageId: null }
  if (facts.contact_id !== null)
    return formatReplyAddress(
      await issueToken({ ...tokenTarget, role: 'contact', contactId: facts.contact_id, userId: null, email }),
      facts.domain,
    )
  return facts.user_id === null
    ? null
    : formatReplyAddress(
        await issueToken({ ...tokenTarget, role: 'agent', contactId: null, userId: facts.user_id }),
        facts.domain,
      )
}

const maxMessages = 500
const maxLength = 20_000

export interface TranscriptMessage {
  /** Null: a contact without a name, or a bot without one. */
  readonly name: string | null
  readonly sender: 'contact' | 'agent_bot' | 'other'
  readonly at: Date
  readonly content: string
  readonly files: readonly string[] | null
}

// Only the last messages of a long conversation.
async function readTranscript(pool: Pool, conversationId: number): Promise<TranscriptMessage[]> {
  const { rows } = await pool.query<TranscriptMessage>(
    `select *
     from (
       select
         m.id,
         left(coalesce(m.processed_message_content, m.content, ''), $3) as content,
         m.created_at as at,
         (
           select array_agg(coalesce(f.file_name, 'attachment') order by f.id)
           from attachments f
           where f.message_id = m.id
         ) as files,
         case when m.sender_type in ('contact', 'agent_bot') then m.sender_type::text else 'other' end as sender,
         case
           when m.sender_type = 'contact' then coalesce(nullif(k.name, ''), k.email)
           when m.sender_type = 'agent_bot' then b.name
           else coalesce(u.display_name, u.name, i.name)
         end as name
       from messages m
       join inboxes i on i.id = m.inbox_id
       left join contacts k on m.sender_type = 'contact' and k.id = m.sender_id
       left join users u on m.sender_type = 'user' and u.id = m.sender_id
       left join agent_bots b on m.sender_type = 'agent_bot' and b.id = m.sender_id
       where m.conversation_id = $1
         and not m.private
         and m.message_type <> 'activity'
         and m.content_attributes -> 'deleted' is null
       order by m.id desc
       limit $2
     ) latest
     order by id`,
    [conversationId, maxMessages, maxLength],
  )
  return rows
}

/** Both bodies of a transcript. Never throws. */
export function renderTranscript(
  { say, language }: Words,
  facts: Pick<Facts, 'inbox_name' | 'business_name' | 'mail_color' | 'timezone'>,
  messages: readonly TranscriptMessage[],
): Bodies {
  const nameless = { contact: say('transcript.contact'), agent_bot: say('transcript.bot'), other: '' }
  const sections = messages.map(({ name, sender, at, content, files }): Block[] => [
    {
      kind: 'message',
      who: oneLine(name ?? nameless[sender]),
      remark: timeOf(at, language, facts.timezone),
      words: sender === 'contact' ? { text: content, html: linesAsHtml(content) } : renderMarkdown(content),
    },
    ...(files ?? []).map((file): Block => ({ kind: 'quiet', text: `(${say('attachment', { name: oneLine(file) })})` })),
  ])
  return renderCard({
    language,
    from: oneLine(facts.business_name ?? facts.inbox_name),
    color: facts.mail_color,
    preheader: messages[0]?.content ?? '',
    sections: sections.length === 0 ? [[{ kind: 'text', text: say('transcript.empty') }]] : sections,
  })
}
