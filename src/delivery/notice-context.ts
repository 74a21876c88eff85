// What an agent wants to know beside the new words: what was said before, who the contact is, and the state of the
// conversation. Private notes are never among it.

import { type Pool, queryOne } from '../db/pool.ts'
import { maskReplyAddresses } from '../mail/reply-address.ts'
import { plainWords } from './notice-author.ts'
import type { OutgoingFacts } from './outgoing-facts.ts'
import { timeOf } from './words/time-of.ts'
import type { Words } from './words/words.ts'

export interface NoticeContext {
  /** Earlier messages, oldest first, shortened. */
  readonly earlier: readonly { readonly who: string; readonly content: string }[]
  /** Of contact and conversation: name and value. */
  readonly rows: readonly (readonly [string, string])[]
}

const maxEarlier = 3
const maxLength = 300
/** Of the contact's custom attributes. */
const maxAttributes = 5
/** More are not counted. */
const maxOthers = 100

interface Row {
  readonly status: 'open' | 'resolved' | 'pending' | 'snoozed'
  readonly priority: 'low' | 'medium' | 'high' | 'urgent' | null
  readonly labels: readonly string[]
  readonly team: string | null
  readonly timezone: string
  readonly company: string | null
  readonly attributes: Readonly<Record<string, unknown>>
  readonly others: number
}

const factsSql = `
  select
    c.status,
    c.priority,
    c.labels,
    t.name as team,
    i.timezone,
    k.additional_attributes ->> 'company_name' as company,
    k.custom_attributes as attributes,
    (
      select count(*)::int
      from (
        select 1
        from conversations o
        where o.contact_id = c.contact_id
          and o.id <> c.id
        limit ${String(maxOthers)}
      ) few
    ) as others
  from conversations c
  join inboxes i on i.id = c.inbox_id
  join contacts k on k.id = c.contact_id
  left join teams t on t.id = c.team_id
  where c.id = $1`

/** Reads it for messages from `first` on. */
export async function readNoticeContext(
  pool: Pool,
  facts: OutgoingFacts,
  { first, words }: { readonly first: number; readonly words: Words },
): Promise<NoticeContext> {
  const row = await queryOne<Row & Record<string, unknown>>(pool, factsSql, [facts.conversation.id])
  if (row === null) return { earlier: [], rows: [] }
  return {
    earlier: await readEarlier(pool, facts, { first, words, zone: row.timezone }),
    rows: rowsOf(facts, row, words),
  }
}

function rowsOf({ contact, recipient }: OutgoingFacts, row: Row, { say }: Words): (readonly [string, string])[] {
  const name = plainWords(contact.name)
  const email = plainWords(recipient.email ?? contact.email ?? '')
  const who = [name === email ? '' : name, email === '' || name === '' || name === email ? email : `(${email})`]
  const known = who.filter((part) => part !== '').join(' ')
  const rows: (readonly [string, string | null])[] = [
    [say('fact.contact'), recipient.isUnverified ? say('fact.contact.notVerified', { who: known }) : known],
    [say('fact.company'), clean(row.company)],
    ...attributesOf(row.attributes),
    [say('fact.others'), String(row.others)],
    [say('fact.status'), say(`status.${row.status}`)],
    [say('fact.team'), clean(row.team)],
    [say('fact.labels'), clean(row.labels.join(', '))],
    [say('fact.priority'), row.priority === null ? null : say(`priority.${row.priority}`)],
  ]
  return rows.flatMap(([title, value]) => (value === null || value === '' ? [] : [[title, value] as const]))
}

function clean(value: string | null): string {
  return plainWords(maskReplyAddresses(value ?? ''))
}

function attributesOf(attributes: Row['attributes']): [string, string][] {
  return Object.entries(attributes)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .slice(0, maxAttributes)
    .map(([name, value]) => [plainWords(name), clean(String(value))])
}

async function readEarlier(
  pool: Pool,
  { conversation }: OutgoingFacts,
  { first, words, zone }: { readonly first: number; readonly words: Words; readonly zone: string },
): Promise<NoticeContext['earlier']> {
  const { rows } = await pool.query<{ name: string | null; content: string; at: Date }>(
    `
      select
        coalesce(u.display_name, u.name, b.name, nullif(k.name, ''), k.email) as name,
        left(coalesce(m.processed_message_content, m.content), $4) as content,
        m.created_at as at
      from messages m
      left join users u on m.sender_type = 'user' and u.id = m.sender_id
      left join agent_bots b on m.sender_type = 'agent_bot' and b.id = m.sender_id
      left join contacts k on m.sender_type = 'contact' and k.id = m.sender_id
      where m.conversation_id = $1
        and m.id < $2
        and m.message_type in ('incoming', 'outgoing')
        and not m.private
        and m.content_attributes -> 'deleted' is null
        and coalesce(m.content, '') <> ''
      order by m.id desc
      limit $3
    `,
    [conversation.id, first, maxEarlier, maxLength + 1],
  )
  return rows.toReversed().map(({ name, content, at }) => ({
    who: `${plainWords(name ?? words.say('author.none'))} · ${timeOf(at, words.language, zone)}`,
    content: shorten(maskReplyAddresses(content)),
  }))
}

function shorten(content: string): string {
  return content.length <= maxLength
    ? content
    : `${content
        .slice(0, maxLength - 1)
        .trimEnd()
        .toWellFormed()}…`
}
