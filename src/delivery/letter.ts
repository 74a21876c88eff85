// The letter of one message: its words, the signature, and the mail that it answers where the inbox quotes.

import { type Pool, queryOne } from '../db/pool.ts'
import { maskReplyAddresses } from '../mail/reply-address.ts'
import type { Bodies } from './layout/html.ts'
import { type FileLink, renderLetter } from './layout/letter.ts'
import { renderMarkdown } from './layout/markdown.ts'
import { renderQuotation } from './layout/quotation.ts'
import { type Signature, signed } from './layout/signature.ts'
import { plainWords } from './notice-author.ts'
import type { OutgoingFacts } from './outgoing-facts.ts'
import { timeOf } from './words/time-of.ts'
import { type Words, wordsFor } from './words/words.ts'

/** Both bodies of the mail; `files` did not fit into it. Throws when the database is away. */
export async function composeLetter(pool: Pool, facts: OutgoingFacts, files: readonly FileLink[]): Promise<Bodies> {
  const words = wordsFor(facts.account.locale)
  const { words: content, signature } = signed(facts.content, await readSignature(pool, facts))
  const quoted = await readQuoted(pool, facts)
  return renderLetter({
    language: words.language,
    words: renderMarkdown(content),
    links: { label: words.say('attachments'), files },
    signature,
    quotation: quoted === null ? null : quotationOf(words, quoted),
  })
}

/** Null for a message that no person wrote. Throws when the database is away. */
export async function readSignature(pool: Pool, facts: OutgoingFacts): Promise<Signature | null> {
  if (facts.isAutomatic) return null
  return queryOne<Signature>(
    pool,
    `select
       u.message_signature as agent,
       m.inbound_email_id is not null as "isAdded",
       i.signature as inbox
     from messages m
     join inboxes i on i.id = m.inbox_id
     left join users u on m.sender_type = 'user' and u.id = m.sender_id
     where m.id = $1`,
    [facts.messageId],
  )
}

export interface Quoted {
  readonly name: string
  /** Of the author. */
  readonly email: string
  readonly content: string
  readonly at: Date
  readonly timezone: string
}

// The answered mail is repeated to its author alone. Not quoted: a mail that others wrote or also get, and anything to
// an address that a visitor only named.
async function readQuoted(pool: Pool, { messageId, recipient, attributes }: OutgoingFacts): Promise<Quoted | null> {
  const delivery = attributes['delivery'] as { readonly neutral?: unknown } | undefined
  if (recipient.email === null || recipient.isUnverified || delivery?.neutral === true) return null
  const others = ['to_emails', 'cc_emails', 'bcc_emails'].flatMap((key) => addressesIn(attributes[key]))
  if (others.some((address) => address !== recipient.email)) return null
  return queryOne<Quoted>(pool, quotedSql, [messageId, recipient.email])
}

function addressesIn(value: unknown): string[] {
  return [value]
    .flat()
    .filter((entry): entry is string => typeof entry === 'string')
    .flatMap((entry) => entry.split(/[,;\n]/))
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
}

const quotedSql = `
  select
    coalesce(k.name, '') as name,
    $2::text as email,
    coalesce(nullif(p.processed_message_content, ''), p.content, '') as content,
    p.created_at as at,
    i.timezone
  from messages m
  join inboxes i on i.id = m.inbox_id and i.quote_history = 'last'
  join lateral (
    select *
    from messages q
    where q.conversation_id = m.conversation_id
      and q.id < m.id
      and q.message_type = 'incoming'
      and not q.private
    order by q.id::text = m.content_attributes ->> 'in_reply_to' desc nulls last, q.id desc
    limit 1
  ) p on true
  left join contacts k on p.sender_type = 'contact' and k.id = p.sender_id
  where m.id = $1
    and p.content_attributes -> 'deleted' is null
    and coalesce(p.content, '') <> ''
    and lower(coalesce(p.content_attributes #>> '{email,from,0}', k.email)) = $2`

/** The quotation with its introduction. Reply addresses in it are masked. Never throws. */
export function quotationOf({ say, language }: Words, { name, email, content, at, timezone }: Quoted): Bodies {
  const plain = plainWords(name)
  const who = plain === '' || plain.includes('@') ? plainWords(email) : plain
  const date = timeOf(at, language, timezone)
  return renderQuotation(say('quote.intro', { date, name: who }), maskReplyAddresses(content))
}
