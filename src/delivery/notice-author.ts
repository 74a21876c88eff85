// The author shown in a notice to an agent: the sender of the mail, not the contact whose conversation it is. An agent
// who works by mail sees only the notice, so it says how the message came and whether its sender is authenticated.
// Names come from the sender: they are cut and written as plain text.

import { type Pool, queryOne } from '../db/pool.ts'
import { oneLine } from '../mail/compose.ts'
import type { TextId } from './words/texts.ts'
import type { Say } from './words/words.ts'

export interface NoticeAuthor {
  /** For Reply-To and From: name and address. */
  readonly label: string
  readonly isVerified: boolean
  /** Who wrote, and how it came here. */
  readonly wrote: string
  /** Whether the sender is authenticated. */
  readonly remark: string
  /** Of the mail or of the contact, lower case; null for none. */
  readonly address: string | null
}

interface Row {
  readonly name: string | null
  readonly address: string | null
  readonly owner_name: string
  readonly owner_email: string | null
  readonly is_owner: boolean
  readonly is_via_other: boolean
  readonly is_verified: boolean
  readonly is_filed: boolean
}

const sql = `
  select
    k.name,
    coalesce(m.content_attributes #>> '{email,from,0}', k.email) as address,
    o.name as owner_name,
    o.email as owner_email,
    m.sender_id = c.contact_id and m.sender_type = 'contact' as is_owner,
    coalesce(m.content_attributes ->> 'via_other_reply_address', '') = 'true' as is_via_other,
    coalesce(m.content_attributes ->> 'sender_verified', '') = 'true' as is_verified,
    coalesce(i.reason, '') = 'filed-by-hand' as is_filed
  from messages m
  join conversations c on c.id = m.conversation_id
  join contacts o on o.id = c.contact_id
  left join contacts k on m.sender_type = 'contact' and k.id = m.sender_id
  left join inbound_emails i on i.id = m.inbound_email_id
  where m.id = $1`

/** Null when the message is gone. Throws when the database is away. */
export async function readNoticeAuthor(pool: Pool, messageId: number, say: Say): Promise<NoticeAuthor | null> {
  const row = await queryOne<Row>(pool, sql, [messageId])
  if (row === null) return null
  const who = personOf(row.name, row.address) ?? say('author.none')
  return {
    label: row.is_verified ? who : say('author.label.notVerified', { who }),
    isVerified: row.is_verified,
    wrote: say(routeOf(row), { who, owner: personOf(row.owner_name, row.owner_email) ?? say('author.none') }),
    remark: say(row.is_verified ? 'author.verified' : 'author.notVerified'),
    address: row.address?.toLowerCase() ?? null,
  }
}

function routeOf(row: Row): TextId {
  if (row.is_filed) return 'author.wrote.filed'
  if (row.is_via_other) return 'author.wrote.viaOther'
  return row.is_owner ? 'author.wrote' : 'author.wrote.in'
}

/** Longer names would push the address out of sight. */
const maxName = 60

// A name with an "@" looks like an address: the true one alone is shown then. Null: neither is known.
function personOf(name: string | null, address: string | null): string | null {
  const plainName = plain(name ?? '')
  const plainAddress = plain(address ?? '')
  if (plainAddress === '') return plainName === '' ? null : cut(plainName)
  return plainName === '' || plainName.includes('@') ? plainAddress : `${cut(plainName)} (${plainAddress})`
}

/** Untrusted text as plain text for a line of a notice. Never throws. */
export function plainWords(text: string): string {
  return cut(plain(text))
}

// The line is rendered as Markdown: nothing in it may become a link or an emphasis, and nothing may turn the
// direction of the text.
function plain(text: string): string {
  return oneLine(text)
    .replace(/[\u0080-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, '')
    .replace(/[[\]()<>*`~\\#|!]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
    .slice(0, 254)
    .toWellFormed()
}

function cut(name: string): string {
  return name.length <= maxName ? name : `${name.slice(0, maxName - 1).toWellFormed()}…`
}
