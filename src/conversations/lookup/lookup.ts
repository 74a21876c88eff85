// What routing wants to know about the ledger, in plain SQL, a few queries for a whole group of mails.
// Happens to have the shape of routing/lookup; app.ts hands it over.

import { toSearchedText } from '../../db/json.ts'
import { type Sql, statement } from '../../db/pool.ts'
import { addressKey, stripTag } from '../../mail/address.ts'
import { readOwnMessageId } from '../../mail/message-id.ts'
import { readBounceToken, readReplyToken } from '../../mail/reply-address.ts'
import { isKnown } from '../contacts/addresses.ts'
import { markMessage } from '../message-mark.ts'
import { hashToken } from '../reply-tokens.ts'
import { coalesce } from './coalesce.ts'
import { accountColumns, accountOf, type AccountRow, conversationOf, type ConversationRow } from './lookup-rows.ts'

interface TokenRow extends ConversationRow {
  token_hash: Buffer
  role: 'contact' | 'agent' | 'bounce'
  state: 'live' | 'expired' | 'revoked'
  token_contact_id: number | null
  user_id: number | null
  message_id: number | null
  email: string | null
}

interface ThreadRow extends ConversationRow {
  source_id: string
  message_id: number | null
  outgoing: boolean
}

const conversationColumns = `c.id as conversation_id, c.display_id, c.contact_id, ${accountColumns}`

// Who was taken out of the inbox answers no longer, whatever notice they have kept.
const agentSees = `
  exists (
    select 1
    from acting_members v
    where v.account_id = c.account_id
      and v.user_id = t.user_id
      and (
        v.role = 'administrator'
          or c.assignee_id = v.user_id
          or exists (select 1 from inbox_members m where m.inbox_id = c.inbox_id and m.user_id = v.user_id)
      )
  )
`

const tokensSql = statement(`
    select
      t.token_hash,
      t.role,
      t.contact_id as token_contact_id,
      t.user_id,
      t.message_id,
      t.email,
      case
        when t.revoked_at is not null or t.role = 'agent' and not ${agentSees} then 'revoked'
        when t.expires_at < now() then 'expired'
        else 'live'
      end as state,
      ${conversationColumns}
    from reply_tokens t
    join conversations o on o.id = t.conversation_id
    join conversations c on c.id = coalesce(o.merged_into_id, o.id)
    join accounts a on a.id = t.account_id
    where t.token_hash = any($2)
  `)

const inboxesSql = statement(`select
    i.id,
    i.name,
    case when ch.email_confirmed_at is not null then ch.email end as email,
    ch.forward_to_email,
    ${accountColumns}
  from channels ch join inboxes i on i.channel_id = ch.id join accounts a on a.id = i.account_id
  where ch.email = any($2) and ch.email_confirmed_at is not null or ch.forward_to_email = any($2)
  union all
  select
    i.id,
    i.name,
    f.email,
    null,
    ${accountColumns}
  from former_inbox_addresses f join inboxes i on i.id = f.inbox_id join accounts a on a.id = i.account_id
  where f.email = any($2)
    and f.expires_at > now()
    and not exists (select 1 from channels n where n.email = f.email and n.email_confirmed_at is not null)`)

// Ids under which messages stand; ids that name only a conversation: account/<id>/conversation/<uuid>@domain; and ids
// of our own form whose message stands under another, as those of other channels than email do. (`offset 0`, here and
// below: each by its index, whatever the planner thinks of how many there are.)
const threadsSql = statement(`
  select t.*
  from unnest($2::text[]) as q(source_id)
  cross join lateral (
    select m.source_id, m.id as message_id, m.message_type <> 'incoming' as outgoing, ${conversationColumns}
    from messages m
    join conversations c on c.id = m.conversation_id
    join accounts a on a.id = m.account_id
    where m.source_id = q.source_id
    offset 0
  ) t
  union all
  select t.*
  from unnest($3::text[], $4::uuid[]) as q(source_id, uuid)
  cross join lateral (
    select q.source_id, null::int, false, ${conversationColumns}
    from conversations o
    join conversations c on c.id = coalesce(o.merged_into_id, o.id)
    join accounts a on a.id = c.account_id
    where o.uuid = q.uuid
    offset 0
  ) t
  union all
  select t.*
  from unnest($5::text[], $6::uuid[], $7::int[]) as q(source_id, uuid, message_id)
  cross join lateral (
    select q.source_id, m.id, true, ${conversationColumns}
    from messages m
    join conversations c on c.id = m.conversation_id
    join conversations o on o.uuid = q.uuid and coalesce(o.merged_into_id, o.id) = c.id
    join accounts a on a.id = m.account_id
    where m.id = q.message_id
      and m.source_id is distinct from q.source_id
      and m.message_type in ('outgoing', 'template')
      and not m.private
    offset 0
  ) t
`)

const speakersSql = statement(`
  select
    q.key,
    (
      select u.user_id from acting_members u where u.account_id = q.account_id and u.email = q.address limit 1
    ) as agent_id,
    k.id as contact_id,
    coalesce(
      (select true from conversations c where c.id = q.conversation_id and c.contact_id = k.id),
      (
        select true
        from conversation_contacts cc
        where cc.conversation_id = q.conversation_id and cc.contact_id = k.id
      ),
      false
    ) as takes_part,
    exists (
      select 1 from blocked_senders b where b.account_id = q.account_id and b.address = q.address
    ) as is_blocked
  from unnest($1::text[], $2::int[], $3::int[], $4::text[]) as q(key, account_id, conversation_id, address)
  left join lateral (
    select a.contact_id as id
    from contact_addresses a
    where a.account_id = q.account_id and a.email = q.address and ${isKnown('a')}
  ) k
    on true
`)

// By the id under which a message stands; an agent's mail left again under an id of ours, and keeps its own beside it.
const messagesSql = statement(`
    select
      q.conversation_id || ' ' || q.source_id as key,
      m.id,
      m.additional_attributes ->> 'mail_digest' as digest
    from unnest($1::int[], $2::text[]) as q(conversation_id, source_id)
    cross join lateral (
      select id, additional_attributes
      from messages
      where conversation_id = q.conversation_id and source_id = q.source_id
      union all
      select id, additional_attributes
      from messages
      where conversation_id = q.conversation_id
        and message_type = 'outgoing'
        and inbound_email_id is not null
        and content_attributes #>> '{email,message_id}' = q.source_id
      offset 0
    ) m
  `)

const ownConversationId =
  /^account\/\d+\/conversation\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@/i

export interface LookupOptions {
  readonly sql: Sql
  /** INBOUND_EMAIL_DOMAIN: the reply domain of accounts that set none. */
  readonly defaultDomain: string
  readonly secretKey: Buffer
}

/** Answers routing's questions. A function a question; each joins what is asked at the same moment. */
export function createLookup(options: LookupOptions) {
  const { sql, defaultDomain } = options
  const speakers = askSpeakers(sql)
  const messages = askMessages(sql)
  return {
    sharedDomain: defaultDomain,
    findTokens: askTokens(options),
    findInboxes: askInboxes(options),
    findThreads: askThreads(options),
    findSpeaker: async (question: { accountId: number; conversationId: number | null; address: string }) => {
      const [row] = await speakers([JSON.stringify([question.accountId, question.conversationId, question.address])])
      return {
        agentId: row?.agent_id ?? null,
        contactId: row?.contact_id ?? null,
        takesPart: row?.takes_part ?? false,
        isBlocked: row?.is_blocked ?? false,
      }
    },
    findRecipients: (messageId: number) => findRecipients(sql, messageId),
    findMessage: async (conversationId: number, sourceId: string) => {
      const [row] = await messages([`${String(conversationId)} ${sourceId}`])
      return row ?? null
    },
    isOwnDomain: async (domain: string) => {
      const { rows } = await sql.query(
        `select 1 where $1::text = $2
         union all select 1 from accounts where domain = $1
         union all select 1 from reply_domains where domain = $1 and expires_at > now()
         limit 1`,
        [domain, defaultDomain],
      )
      return rows.length > 0
    },
  }
}

// Whom the mail of a message went to; before that is written down, whom it is for.
async function findRecipients(sql: Sql, messageId: number): Promise<string[]> {
  const { rows } = await sql.query<{ sent: unknown; meant: unknown[]; contact: string | null }>(
    `
      select
        m.content_attributes #> '{delivery,to}' as sent,
        array[m.content_attributes -> 'to_emails',
        m.content_attributes -> 'cc_emails',
        m.content_attributes -> 'bcc_emails'] as meant,
        r.email as contact
      from messages m
      join conversation_recipients r on r.conversation_id = m.conversation_id
      where m.id = $1
    `,
    [messageId],
  )
  const [row] = rows
  const known = Array.isArray(row?.sent) ? row.sent : [...(row?.meant ?? []).flat(), row?.contact]
  return known.filter((address): address is string => typeof address === 'string')
}

function askTokens({ sql, defaultDomain, secretKey }: LookupOptions) {
  return coalesce(
    async (wanted: readonly string[]) => {
      const byHash = new Map(wanted.map((token) => [hashToken(secretKey, token).toString('hex'), token]))
      const { rows } = await sql.query<TokenRow>(
        tokensSql([defaultDomain, [...byHash.keys()].map((hex) => Buffer.from(hex, 'hex'))]),
      )
      return rows.map((row) => ({
        token: byHash.get(row.token_hash.toString('hex')) ?? '',
        role: row.role,
        state: row.state,
        conversation: conversationOf(row),
        contactId: row.token_contact_id,
        userId: row.user_id,
        messageId: row.message_id,
        email: row.email,
      }))
    },
    (row) => row.token,
  )
}

function askInboxes({ sql, defaultDomain }: LookupOptions) {
  return coalesce(
    async (addresses: readonly string[]) => {
      const { rows } = await sql.query<
        AccountRow & { id: number; name: string; email: string | null; forward_to_email: string | null }
      >(inboxesSql([defaultDomain, addresses]))
      return rows.flatMap((row) =>
        [row.email, row.forward_to_email].flatMap((address) =>
          address === null ? [] : [{ id: row.id, name: row.name, address, account: accountOf(row) }],
        ),
      )
    },
    (row) => row.address,
  )
}

function askThreads({ sql, defaultDomain, secretKey }: LookupOptions) {
  return coalesce(
    async (ids: readonly string[]) => {
      const named = ids.flatMap((id) => (ownConversationId.exec(id) ?? []).slice(1).map((uuid) => ({ id, uuid })))
      const own = ids.flatMap((id) =>
        [readOwnMessageId(id)]
          .filter((read) => read !== null)
          .filter(({ mark, messageId }) => mark === null || mark === markMessage(secretKey, messageId))
          .map((read) => ({ id, ...read })),
      )
      const { rows } = await sql.query<ThreadRow>(
        threadsSql([
          defaultDomain,
          ids,
          named.map(({ id }) => id),
          named.map(({ uuid }) => uuid),
          own.map(({ id }) => id),
          own.map(({ uuid }) => uuid),
          own.map(({ messageId }) => messageId),
        ]),
      )
      return rows.map((row) => ({
        sourceId: row.source_id,
        messageId: row.message_id,
        outgoing: row.outgoing,
        conversation: conversationOf(row),
      }))
    },
    (row) => row.sourceId,
  )
}

function askSpeakers(sql: Sql) {
  return coalesce(
    async (keys: readonly string[]) => {
      const questions = keys.map((key) => JSON.parse(key) as [number, number | null, string])
      const { rows } = await sql.query<{
        key: string
        agent_id: number | null
        contact_id: number | null
        takes_part: boolean
        is_blocked: boolean
      }>(
        speakersSql([
          keys,
          questions.map(([account]) => account),
          questions.map(([, conversation]) => conversation),
          questions.map(([, , address]) => toSearchedText(address)),
        ]),
      )
      return rows
    },
    (row) => row.key,
  )
}

function askMessages(sql: Sql) {
  return coalesce(
    async (keys: readonly string[]) => {
      const { rows } = await sql.query<{ key: string; id: number; digest: string | null }>(
        messagesSql([
          keys.map((key) => Number(key.slice(0, key.indexOf(' ')))),
          keys.map((key) => key.slice(key.indexOf(' ') + 1)),
        ]),
      )
      return rows
    },
    (row) => row.key,
  )
}

/**
 * Whether mail for an address can arrive anywhere: an inbox's address, or a token that exists on a domain of its
 * account.
 */
export function createRecipientCheck(
  lookup: Pick<ReturnType<typeof createLookup>, 'findTokens' | 'findInboxes' | 'sharedDomain'>,
) {
  return async (address: string): Promise<'known' | 'unknown'> => {
    const read = readReplyToken(address) ?? readBounceToken(address)
    const [found] = read === null ? [] : await lookup.findTokens([read.token])
    const { domain, formerDomains } = found?.conversation.account ?? { domain: '', formerDomains: [] }
    if (found !== undefined && [domain, lookup.sharedDomain, ...formerDomains].includes(read?.domain ?? ''))
      return 'known'
    const inboxes = await lookup.findInboxes([addressKey(address), addressKey(stripTag(address))])
    return inboxes.length > 0 ? 'known' : 'unknown'
  }
}
