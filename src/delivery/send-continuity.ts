// Continues a conversation of another channel by mail: unsent messages to the contact leave as one mail, with the
// earlier ones below, unless the contact has seen them in the channel. An answer comes back into the conversation.

import { inTransaction, type Pool, queryOne, type Tx } from '../db/pool.ts'
import { isByMachine } from '../db/rules.ts'
import { MailError } from '../errors.ts'
import { attachmentUrl, linkTo } from '../links.ts'
import { oneLine } from '../mail/compose.ts'
import { handOverTo } from './hand-over.ts'
import type { Bodies } from './layout/html.ts'
import { remark, renderLetter } from './layout/letter.ts'
import { renderMarkdown } from './layout/markdown.ts'
import { renderQuotation } from './layout/quotation.ts'
import { type Signature, signed } from './layout/signature.ts'
import { readSignature } from './letter.ts'
import { mayMail } from './mail-budget.ts'
import { type OutgoingFacts, readAttached, readOutgoing } from './outgoing-facts.ts'
import { composeReply, type DeliveryOptions } from './send-reply.ts'
import { type Words, wordsFor } from './words/words.ts'

interface Waiting {
  readonly id: number
  readonly content: string | null
  readonly automatic: boolean
  /** An earlier try took it from the budget. */
  readonly counted: boolean
}

export interface HistoryMessage {
  readonly name: string
  readonly content: string
}

/** Number of earlier messages shown below, unless the contact's last message was a mail, which has its own history. */
const historyLength = 10

/** Sends what waits, once per call; nothing when the contact has seen it. Throws `MailError`. */
export async function sendContinuity(options: DeliveryOptions, conversationId: number): Promise<void> {
  const { pool } = options
  const waiting = await takeWaiting(options, conversationId)
  const last = waiting.at(-1)
  const read = last === undefined ? null : await readOutgoing(pool, last.id, options.defaultDomain)
  if (read === null) return
  const facts = { ...read, isAutomatic: waiting.every(({ automatic }) => automatic) }
  if (!facts.account.active) throw new MailError('unavailable', `account ${String(facts.account.id)} is suspended`)
  const isCounted = waiting.every(({ counted }) => counted)
  if (!(await mayMail(options, facts, { ids: idsOf(waiting), isCounted }))) return
  const mail = await composeReply(options, facts, { ...(await lettersOf(options, facts, waiting)), attachments: [] })
  await handOverTo(options, { facts, messageIds: idsOf(waiting) }, mail)
}

const idsOf = (waiting: readonly Waiting[]): number[] => waiting.map(({ id }) => id)

// The waiting messages, the earlier ones, and how to prove the address. No text of a visitor reaches an address that
// the visitor only named.
async function lettersOf(options: DeliveryOptions, facts: OutgoingFacts, waiting: readonly Waiting[]): Promise<Bodies> {
  const words = wordsFor(facts.account.locale)
  const first = waiting[0]?.id ?? 0
  const you = words.say('continuity.you')
  const history = facts.recipient.isUnverified ? [] : await readHistory(options.pool, facts, { before: first, you })
  const said = await Promise.all(waiting.map((message) => withLinks(options, message)))
  const signature = await readSignature(options.pool, facts)
  return renderContinuity(words, {
    content: said.join('\n\n'),
    signature,
    history,
    inbox: facts.inbox.name,
    proofUrl: await proofOf(options, facts),
    isAnswered: facts.account.inboundEmails,
  })
}

export interface ContinuityMail {
  readonly content: string
  readonly signature: Signature | null
  readonly history: readonly HistoryMessage[]
  readonly inbox: string
  /** Null: nothing is to be proven. */
  readonly proofUrl: string | null
  /** An answer comes back into the conversation. */
  readonly isAnswered: boolean
}

/** Both bodies of the mail. Never throws. */
export function renderContinuity({ say, language }: Words, mail: ContinuityMail): Bodies {
  const inbox = oneLine(mail.inbox)
  const { words, signature } = signed(mail.content, mail.signature)
  const proof =
    mail.proofUrl === null
      ? null
      : remark([say('continuity.proof', { inbox }), say('continuity.proof.else')], {
          label: say('continuity.proof.button'),
          url: mail.proofUrl,
        })
  const footer = mail.isAnswered ? remark([say('continuity.footer', { inbox })]) : null
  const below = proof ?? footer
  return renderLetter({
    language,
    words: renderMarkdown(words),
    signature,
    quotation:
      mail.history.length === 0
        ? null
        : renderQuotation(
            `${say('continuity.earlier')}:`,
            mail.history.map(({ name, content }) => `${oneLine(name)}: ${content}`).join('\n'),
          ),
    remarks: below === null ? [] : [below],
  })
}

const proofDays = 7

// Mail stays out of the visitor's chat until the owner of this mailbox confirms the chat.
async function proofOf(
  options: DeliveryOptions,
  { unprovenSessionId, recipient, account, attributes }: OutgoingFacts,
): Promise<string | null> {
  // The link is for the mailbox that it proves, and for no other recipient.
  const others = ['to_emails', 'cc_emails', 'bcc_emails'].some((name) => (attributes[name] ?? '') !== '')
  if (unprovenSessionId === null || recipient.email === null || others) return null
  const code = await options.createLink({
    purpose: 'prove-contact-address',
    subjectId: unprovenSessionId,
    email: recipient.email,
    accountId: account.id,
    expiresAt: new Date(Date.now() + proofDays * 86_400_000),
  })
  return linkTo(options.publicUrl, `/confirm/${code}`)
}

/** The messages whose mail is waiting; a failed attempt is noted on each. */
export async function findContinued(pool: Pool, conversationId: number): Promise<number[]> {
  const { rows } = await pool.query<Waiting>(waitingSql, [conversationId])
  return idsOf(rows)
}

const waitingSql = `select m.id,
    m.content,
    ${isByMachine('m')} as automatic,
    m.content_attributes #>> '{delivery,counted}' is not null as counted
  from messages m
  where m.conversation_id = $1
    and message_type in ('outgoing', 'template')
    and not private
    and content_attributes #>> '{delivery,state}' in ('queued', 'retrying')
    and content_type <> 'incoming_email'
    and content_attributes -> 'deleted' is null
  order by id`

// Messages that the chat hides from its visitor were not seen there. A writer locks the conversation until its message
// is there: a message that this query misses queues a mail of its own.
async function takeWaiting(options: DeliveryOptions, conversationId: number): Promise<readonly Waiting[]> {
  const { rows, isSeen } = await inTransaction(options.pool, (tx) => readWaiting(tx, conversationId))
  if (!isSeen) return rows
  await options.recordDelivery(idsOf(rows), { state: 'seen' })
  return []
}

async function readWaiting(tx: Tx, conversationId: number): Promise<{ rows: Waiting[]; isSeen: boolean }> {
  const conversation = await queryOne<{ seen: boolean }>(
    tx,
    `select coalesce(
         c.contact_last_seen_at > (
           select max(m.created_at) from messages m
           where m.conversation_id = c.id and m.message_type in ('outgoing', 'template') and not m.private
         ),
         false
       ) and (
         r.email = any (coalesce(p.proven_emails, '{}'))
         or mail_authors(c.id, null, 'activity') <@ coalesce(p.proven_emails, '{}')
       ) as seen
     from conversations c
       join conversation_recipients r on r.conversation_id = c.id
       left join contact_inboxes p on p.id = c.contact_inbox_id
     where c.id = $1
     for no key update of c`,
    [conversationId],
  )
  if (conversation === null) return { rows: [], isSeen: false }
  const { rows } = await tx.query<Waiting>(waitingSql, [conversationId])
  return { rows, isSeen: conversation.seen }
}

async function withLinks({ pool, publicUrl }: DeliveryOptions, { id, content }: Waiting): Promise<string> {
  const files = await readAttached(pool, id)
  const links = files.map((file) => `${file.filename}: ${attachmentUrl(publicUrl, file.token, file.filename)}`)
  return [content ?? '', ...links].filter((part) => part !== '').join('\n\n')
}

// No history if the contact's last message was a mail, which quotes it already. Never quoted: mail of other people,
// messages that were mailed before or that precede those, and deletions.
async function readHistory(
  pool: Pool,
  { conversation, recipient }: OutgoingFacts,
  { before, you }: { readonly before: number; readonly you: string },
): Promise<HistoryMessage[]> {
  const { rows } = await pool.query<HistoryMessage>(
    `with mailed as (
       select id
       from messages
       where conversation_id = $1
         and id < $2
         and content_attributes #> '{delivery,to}' ? $4::text
     ), lately as (
       select m.id,
         m.message_type,
         m.content_type,
         coalesce(m.processed_message_content, m.content) as content,
         case
           when m.sender_type = 'contact' then coalesce(nullif(k.name, ''), $5)
           else coalesce(u.display_name, u.name, i.name)
         end as name
       from messages m
         join inboxes i on i.id = m.inbox_id
         left join contacts k on m.sender_type = 'contact' and k.id = m.sender_id
         left join users u on m.sender_type = 'user' and u.id = m.sender_id
       where m.conversation_id = $1
         and m.id < $2
         and not m.private
         and m.message_type <> 'activity'
         and coalesce(m.content, '') <> ''
         and m.content_attributes -> 'deleted' is null
         and m.id > coalesce((select max(p.id) from mailed p), 0)
       order by m.id desc
       limit $3
     )
     select name, content from lately
     where mail_authors($1, lately.id, lately.message_type) <@ array[$4::text]
     and not exists (
       select 1 from lately l
       where l.content_type = 'incoming_email'
         and l.message_type = 'incoming'
         and l.id = (select max(id) from lately where message_type = 'incoming')
     )
     order by id`,
    [conversation.id, before, historyLength, recipient.email, you],
  )
  return rows
}
