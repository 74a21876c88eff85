// The queries of lookup.ts: each answers for a whole group of mails.

import type { TokenRole } from '../../contracts/token-role.ts'
import { columns } from '../../db/columns.ts'
import { statement } from '../../db/pool.ts'
import { isKnown, seesConversation, seesInbox } from '../../db/rules.ts'
import { accountColumns, type AccountLookupRow, type ConversationLookupRow } from './lookup-rows.ts'

export interface TokenRow extends ConversationLookupRow {
  token_hash: Buffer
  role: TokenRole
  state: 'live' | 'expired' | 'revoked'
  token_contact_id: number | null
  user_id: number | null
  message_id: number | null
  email: string | null
}

export interface NewAddressRow extends AccountLookupRow {
  token_hash: Buffer
  user_id: number
  id: number
  name: string
  email: string
  own_addresses: string[]
}

export interface ThreadRow extends ConversationLookupRow {
  source_id: string
  message_id: number | null
  outgoing: boolean
}

export const conversationColumns = `c.id as conversation_id, c.display_id, c.inbox_id, c.contact_id, ${accountColumns}`

// An agent who was removed from the inbox can no longer answer, whatever notice they still have.
const agentVisibility = `
  exists (
    select 1
    from acting_members v
    where v.account_id = c.account_id
      and v.user_id = t.user_id
      and ${seesConversation('v', 'c')}
  )
`

export const tokensSql = statement(`
    select
      t.token_hash,
      t.role,
      t.contact_id as token_contact_id,
      t.user_id,
      t.message_id,
      t.email,
      case
        when t.revoked_at is not null or t.role in ('agent', 'note') and not ${agentVisibility} then 'revoked'
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

// The address of an agent who was removed from the inbox is unknown at once.
export const newAddressesSql = statement(`
  select
    n.token_hash,
    n.user_id,
    i.id,
    i.name,
    ch.email,
    array_remove(array[ch.email, ch.forward_to_email], null)::text[] as own_addresses,
    ${accountColumns}
  from new_conversation_addresses n
  join acting_members v on v.account_id = n.account_id and v.user_id = n.user_id
  join inboxes i on i.id = n.inbox_id
  join channels ch on ch.id = i.channel_id
  join accounts a on a.id = n.account_id
  where n.token_hash = any($2)
    and ch.email is not null
    and ${seesInbox('v', 'n.inbox_id')}
`)

// What an agent's mail to such an address became; by the hash, as the index has it.
export const begunSql = `
  select m.id, m.additional_attributes ->> 'mail_digest' as digest
  from inbound_emails i
  join messages m on m.id = i.message_db_id
  where hashtext(i.message_id) = hashtext($2)
    and i.message_id = $2
    and i.account_id is not null
    and i.erased_at is null
    and i.inbox_id = $1
    and i.reason = 'begun-by-agent'
  limit 1
`

export const inboxesSql = statement(`select
    i.id,
    i.name,
    case when ch.email_confirmed_at is not null then ch.email end as email,
    ch.forward_to_email,
    array_remove(array[ch.email, ch.forward_to_email], null)::text[] as own_addresses,
    ${accountColumns}
  from channels ch join inboxes i on i.channel_id = ch.id join accounts a on a.id = i.account_id
  where ch.email = any($2) and ch.email_confirmed_at is not null or ch.forward_to_email = any($2)
  union all
  select
    i.id,
    i.name,
    f.email,
    null,
    array_remove(array[f.email, ch.email, ch.forward_to_email], null)::text[],
    ${accountColumns}
  from former_inbox_addresses f
    join inboxes i on i.id = f.inbox_id
    join channels ch on ch.id = i.channel_id
    join accounts a on a.id = i.account_id
  where f.email = any($2)
    and f.expires_at > now()
    and not exists (select 1 from channels n where n.email = f.email and n.email_confirmed_at is not null)`)

/** The ids that name a conversation, and those of our own form. Before them: the domain and all ids. */
export const conversationIds = columns({ source_id: 'text', uuid: 'uuid' }, 3)
export const ownIds = columns({ source_id: 'text', uuid: 'uuid', message_id: 'int' }, 5)

// Message-IDs of messages; ids that name only a conversation: account/<id>/conversation/<uuid>@domain; and ids of our
// own form whose message has another source id, as in other channels than email. (`offset 0`, here and below: each by
// its index, whatever the planner's estimate.)
export const threadsSql = statement(`
  select t.*
  from unnest($2::text[]) as q(source_id)
  cross join lateral (
    select
      m.source_id,
      m.id as message_id,
      m.message_type not in ('incoming', 'activity') as outgoing,
      ${conversationColumns}
    from messages m
    join conversations c on c.id = m.conversation_id
    join accounts a on a.id = m.account_id
    where m.source_id = q.source_id
    offset 0
  ) t
  union all
  select t.*
  from ${conversationIds.from('q')}
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
  from ${ownIds.from('q')}
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

export const speakerQuestions = columns({ key: 'text', account_id: 'int', conversation_id: 'int', address: 'text' })

export const speakersSql = statement(`
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
  from ${speakerQuestions.from('q')}
  left join lateral (
    select a.contact_id as id
    from contact_addresses a
    where a.account_id = q.account_id and a.email = q.address and ${isKnown('a')}
  ) k
    on true
`)

export const messageQuestions = columns({ conversation_id: 'int', source_id: 'text' })

// By the Message-ID of the message; an agent's mail left under a new id of our form, and keeps its own beside it.
export const messagesSql = statement(`
    select
      q.conversation_id || ' ' || q.source_id as key,
      m.id,
      m.additional_attributes ->> 'mail_digest' as digest
    from ${messageQuestions.from('q')}
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
