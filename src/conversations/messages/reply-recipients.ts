// The recipients of a conversation's next reply if its author names none: the conversation's recipient, and in an email
// inbox copies to the others on the last mail. The composer shows this list, and create-message.ts sends to it. A mail
// that could have been forged adds no recipient (docs/adr/0041-recipients-of-a-reply.md).

import { isEmailSql } from '../../contracts/channels.ts'
import { queryOne, type Sql } from '../../db/pool.ts'
import { isAutoReply, isKnown } from '../../db/rules.ts'
import { addressKey, isEmailAddress, stripTag } from '../../mail/address.ts'
import { isMaskedAddress, isTokenAddress } from '../../mail/reply-address.ts'

export const recipientReasons = [
  'wrote_last',
  'conversation_recipient',
  'chosen_by_agent',
  'claimed_by_visitor',
  'was_in_to',
  'was_in_cc',
  'was_in_reply_to',
] as const
export const omissionReasons = ['wrote_last', 'was_in_reply_to', 'was_in_to', 'was_in_cc'] as const

interface Named<Reason> {
  readonly email: string
  /** Of the contact who has the address; null where there is none. */
  readonly name: string | null
  readonly reason: Reason
}
export type ReplyRecipient = Named<(typeof recipientReasons)[number]>

export interface ReplyRecipients {
  readonly to: readonly ReplyRecipient[]
  readonly cc: readonly ReplyRecipient[]
  readonly bcc: readonly ReplyRecipient[]
  /** On the last mail, and left out: its sender is not known to be the recipient, or there are too many. */
  readonly leftOut: readonly Named<(typeof omissionReasons)[number]>[]
}

/** Above this number no copies are suggested: the agent has to name them. */
const maxCopies = 48

interface Facts {
  readonly account_id: number
  readonly is_email: boolean
  readonly recipient: string | null
  readonly state: string | null
  readonly is_own_address: boolean
  readonly from: unknown
  readonly reply_to: unknown
  readonly to: unknown
  readonly cc: unknown
  readonly verified: boolean
  readonly is_first: boolean
  readonly earlier: readonly string[]
}

const factsSql = `select c.account_id,
    ${isEmailSql} as is_email,
    r.email as recipient,
    r.state,
    r.owner_id is not distinct from c.contact_id
      or exists (
        select 1 from messages w
        where w.conversation_id = c.id
          and w.message_type = 'incoming'
          and lower(w.content_attributes #>> '{email,from,0}') = r.email
      ) as is_own_address,
    l.content_attributes #> '{email,from}' as from,
    l.content_attributes #> '{email,reply_to}' as reply_to,
    l.content_attributes #> '{email,to}' as to,
    l.content_attributes #> '{email,cc}' as cc,
    coalesce(l.content_attributes -> 'sender_verified' = 'true', false) as verified,
    not exists (
      select 1 from messages e
      where e.conversation_id = c.id
        and e.id < l.id
        and e.message_type <> 'activity'
    ) as is_first,
    array(
      select distinct lower(a.address)
      from (
        select
          content_attributes as attributes,
          content_attributes #> '{delivery,state}' is not null as was_sent,
          content_attributes -> 'sender_verified' = 'true' as is_verified
        from messages
        where conversation_id = c.id and id < l.id and not private
        order by id desc
        limit 200
      ) e
        cross join lateral (
          values
            (case when e.was_sent then e.attributes -> 'cc_emails' end),
            (case when e.was_sent then e.attributes -> 'to_emails' end),
            (case when e.is_verified then e.attributes #> '{email,cc}' end),
            (case when e.is_verified then e.attributes #> '{email,to}' end)
        ) lists (list)
        cross join lateral jsonb_array_elements_text(
          case jsonb_typeof(lists.list) when 'array' then lists.list else '[]' end
        ) a (address)
    ) as earlier
  from conversations c
    join inboxes i on i.id = c.inbox_id
    join channels ch on ch.id = i.channel_id
    join conversation_recipients r on r.conversation_id = c.id
    left join lateral (
      select m.id, m.content_attributes
      from messages m
      where m.conversation_id = c.id
        and m.message_type = 'incoming'
        and m.content_type = 'incoming_email'
        and not (${isAutoReply('m')})
        and m.content_attributes -> 'deleted' is null
      order by m.id desc
      limit 1
    ) l on true
  where c.id = $1`

/** The next reply's recipients; empty if the conversation is gone or no address is known. */
export async function readReplyRecipients(
  sql: Sql,
  conversationId: number,
  ownAddresses: readonly string[],
): Promise<ReplyRecipients> {
  const facts = await queryOne<Facts>(sql, factsSql, [conversationId])
  const none = { to: [], cc: [], bcc: [], leftOut: [] }
  if (facts === null || facts.recipient === null) return none
  const { recipient } = facts
  const [author = null] = listOf(facts.from)
  const others = facts.is_email ? await findOthers(sql, { facts, author, ownAddresses }) : []
  const names = await readNames(sql, facts.account_id, [recipient, ...others.map(({ email }) => email)])
  const named = <Reason>(one: { email: string; reason: Reason }): Named<Reason> => ({
    ...one,
    name: names.get(one.email.toLowerCase()) ?? null,
  })
  const to = [named({ email: recipient, reason: reasonOf(facts, author) })]
  const isTrusted =
    author !== null && (addressKey(author) === addressKey(recipient) || (facts.is_first && isAskedFor(facts)))
  const earlier = new Set(facts.earlier)
  const isCopied = ({ email, reason }: Other): boolean =>
    isTrusted &&
    (reason === 'was_in_to' || reason === 'was_in_cc') &&
    (facts.verified || facts.is_first || earlier.has(email.toLowerCase()))
  const copies = others.filter(isCopied)
  const cc = copies.length > maxCopies ? [] : copies
  return {
    to,
    cc: cc.map(named),
    bcc: [],
    leftOut: others.filter((other) => !cc.includes(other)).map(named),
  }
}

function reasonOf(facts: Facts, author: string | null): ReplyRecipient['reason'] {
  const { recipient, state, is_own_address: isOwn } = facts
  if (state === 'claimed') return 'claimed_by_visitor'
  if (author !== null && addressKey(author) === addressKey(recipient ?? '')) return 'wrote_last'
  if (isAskedFor(facts)) return 'was_in_reply_to'
  return isOwn ? 'conversation_recipient' : 'chosen_by_agent'
}

// Named in Reply-To of the last mail, and trusted when the recipient was set.
function isAskedFor({ recipient, reply_to: replyTo }: Facts): boolean {
  return listOf(replyTo).some((address) => addressKey(address) === addressKey(recipient ?? ''))
}

interface Other {
  readonly email: string
  readonly reason: (typeof omissionReasons)[number]
}

// Each address of the last mail once, without the recipient and without our own.
async function findOthers(
  sql: Sql,
  {
    facts,
    author,
    ownAddresses,
  }: { readonly facts: Facts; readonly author: string | null; readonly ownAddresses: readonly string[] },
): Promise<Other[]> {
  const found: Other[] = [
    ...(author === null ? [] : [{ email: author, reason: 'wrote_last' as const }]),
    ...listOf(facts.reply_to).map((email) => ({ email, reason: 'was_in_reply_to' as const })),
    ...listOf(facts.to).map((email) => ({ email, reason: 'was_in_to' as const })),
    ...listOf(facts.cc).map((email) => ({ email, reason: 'was_in_cc' as const })),
  ]
  const seen = new Set([addressKey(facts.recipient ?? '')])
  const others = found.filter(({ email }) => isPerson(email) && seen.size < seen.add(addressKey(email)).size)
  const own = await findOwnAddresses(
    sql,
    facts.account_id,
    others.map(({ email }) => email),
  )
  for (const address of ownAddresses) own.add(addressKey(/<([^<>]+)>/.exec(address)?.[1] ?? address))
  return others.filter(({ email }) => !own.has(addressKey(email)) && !own.has(addressKey(stripTag(email))))
}

function isPerson(email: string): boolean {
  return isEmailAddress(email) && !isTokenAddress(email) && !isMaskedAddress(email)
}

/**
 * Which of these addresses, or of those without their tags, are the account's own: inboxes with their forwarding and
 * former addresses, the sender of the account, agents, and those of the reply domain.
 */
export async function findOwnAddresses(
  sql: Sql,
  accountId: number,
  addresses: readonly string[],
): Promise<Set<string>> {
  const keys = [...new Set(addresses.flatMap((address) => [addressKey(address), addressKey(stripTag(address))]))]
  if (keys.length === 0) return new Set()
  const { rows } = await sql.query<{ email: string }>(
    `select email from channels where account_id = $1 and email = any($2)
     union all
     select forward_to_email from channels where account_id = $1 and forward_to_email = any($2)
     union all
     select f.email from former_inbox_addresses f join inboxes i on i.id = f.inbox_id
     where i.account_id = $1 and f.email = any($2) and f.expires_at > now()
     union all
     select u.email from account_users a join users u on u.id = a.user_id
     where a.account_id = $1 and u.email = any($2)
     union all
     select lower(a.support_email) from accounts a where a.id = $1 and lower(a.support_email) = any($2)
     union all
     select k from unnest($2::text[]) k
       join accounts a on a.id = $1 and k in ('notifications@' || a.domain, 'reply@' || a.domain)`,
    [accountId, keys],
  )
  return new Set(rows.map(({ email }) => addressKey(email)))
}

async function readNames(sql: Sql, accountId: number, emails: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql.query<{ email: string; name: string }>(
    `select a.email, k.name
     from contact_addresses a join contacts k on k.id = a.contact_id
     where a.account_id = $1 and a.email = any($2) and ${isKnown('a')} and k.name <> ''`,
    [accountId, emails.map((email) => email.toLowerCase())],
  )
  return new Map(rows.map(({ email, name }) => [email, name]))
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : []
}
