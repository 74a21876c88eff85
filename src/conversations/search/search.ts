// Searches an account: messages by their words, conversations by their number and contact, contacts by all their names.
// Newest first. Agents find only accessible records.

import type { Db } from '../../db/client.ts'
import { type Pool, queryOne } from '../../db/pool.ts'
import { isNamed, namesOf } from '../contacts/contact-list.ts'
import { readConversations } from '../list/conversation-rows.ts'
import { matchingMessages, newestMatching } from '../matching/matching.ts'
import { toTextQuery } from '../matching/words.ts'
import type { VisibleInboxes } from '../records/access.ts'
import { readContacts } from '../records/contact-records.ts'
import { readMessages } from '../records/message-rows.ts'
import type { ContactWithInboxes, ConversationRow, MessageRow } from '../records/rows.ts'

export interface Search {
  readonly accountId: number
  readonly viewerId: number
  readonly visibleInboxes: VisibleInboxes
  readonly text: string
  readonly offset: number
  readonly limit: number
}

export interface FoundMessage {
  readonly message: MessageRow
  readonly conversation: ConversationRow
}

interface Deps {
  readonly db: Db
  readonly pool: Pool
}

// $1 the account, $2 the viewer, $3 their inboxes.
const seen = `($3::int[] is null or c.inbox_id = any($3) or c.assignee_id = $2) and c.status <> 'merged'`
const viewOf = (search: Search) => [search.accountId, search.viewerId, search.visibleInboxes]

interface MessageId {
  readonly id: number
  readonly conversation_id: number
}

// An upper limit, for words that were common long ago and are rare now.
const newestOf = (matching: string): string => `
  with matching_ids as materialized (select message_id as id, conversation_id from (${matching}) found limit 20000)
  select m.id, m.conversation_id
  from matching_ids m
  join conversations c on c.id = m.conversation_id
  where ${seen} and c.account_id = $1 and $2::int is not null
  order by m.id desc
  limit $5
  offset $6
`

/** Messages with these words, with their conversations. */
async function searchMessages(deps: Deps, search: Search): Promise<FoundMessage[]> {
  const query = toTextQuery(search.text)
  if (query === null) return []
  const find = async (matching: string): Promise<MessageId[]> =>
    (await deps.pool.query<MessageId>(newestOf(matching), [...viewOf(search), query, search.limit, search.offset])).rows
  // A common word fills the page from the newest messages. A rare one matches few messages, which are all read and
  // sorted.
  const newest = await find(newestMatching('$4'))
  const rows = newest.length === search.limit ? newest : await find(matchingMessages('$4'))
  const [messages, conversations] = await Promise.all([
    readMessages(
      deps.pool,
      search.accountId,
      rows.map((row) => row.id),
    ),
    readConversations(deps.pool, search.accountId, { ids: [...new Set(rows.map((row) => row.conversation_id))] }),
  ])
  return rows.flatMap((row) => {
    const message = messages.find(({ id }) => id === row.id)
    const conversation = conversations.find(({ id }) => id === row.conversation_id)
    return message === undefined || conversation === undefined ? [] : [{ message, conversation }]
  })
}

/** Contacts named by the text, last active first. */
async function searchContacts(deps: Deps, search: Search): Promise<ContactWithInboxes[]> {
  if (search.text.trim() === '') return []
  const { rows } = await deps.pool.query<{ id: number }>(
    `select k.id
     from contacts k
     where k.account_id = $1 and ${isNamed('k', ['$2', '$3'])}
     order by k.last_activity_at desc nulls last, k.id desc
     limit $4
     offset $5`,
    [search.accountId, ...namesOf(search.text), search.limit, search.offset],
  )
  return readContacts(
    deps.db,
    rows.map((row) => row.id),
  )
}

/** Conversations with this number, or whose contact is named so, each with its last message. */
async function searchConversations(
  deps: Deps,
  search: Search,
): Promise<{ conversation: ConversationRow; message: MessageRow | null }[]> {
  const text = search.text.trim()
  if (text === '') return []
  const { rows } = await deps.pool.query<{ id: number; last: number | null }>(
    `
      select
        c.id,
        (
          select m.id
          from messages m
          where m.conversation_id = c.id and m.message_type <> 'activity'
          order by m.id desc
          limit 1
        ) as last
      from (
        select c.id
        from conversations c
        where c.account_id = $1 and c.display_id::text = $4
        union
        select c.id
        from contacts k
        join conversations c on c.contact_id = k.id
        where k.account_id = $1 and ${isNamed('k', ['$5', '$6'])}
      ) matching_ids
      join conversations c on c.id = matching_ids.id
      where ${seen} and $2::int is not null
      order by c.created_at desc, c.id desc
      limit $7
      offset $8
    `,
    [...viewOf(search), text.slice(0, 20), ...namesOf(text), search.limit, search.offset],
  )
  const lastIds = rows.flatMap((row) => (row.last === null ? [] : [row.last]))
  const [conversations, messages] = await Promise.all([
    readConversations(deps.pool, search.accountId, { ids: rows.map((row) => row.id) }),
    readMessages(deps.pool, search.accountId, lastIds),
  ])
  return rows.flatMap((row) => {
    const conversation = conversations.find(({ id }) => id === row.id)
    return conversation === undefined
      ? []
      : [{ conversation, message: messages.find(({ id }) => id === row.last) ?? null }]
  })
}

export function createSearch(deps: Deps) {
  return {
    messages: (search: Search) => searchMessages(deps, search),
    contacts: (search: Search) => searchContacts(deps, search),
    conversations: (search: Search) => searchConversations(deps, search),
    /** Inboxes of an account by id, for display. */
    inboxNames: async (
      accountId: number,
    ): Promise<ReadonlyMap<number, { id: number; name: string; channelType: string; channelId: number }>> => {
      const row = await queryOne<{
        inboxes: { id: number; name: string; channelType: string; channelId: number }[] | null
      }>(
        deps.pool,
        `
          select
            jsonb_agg(
              jsonb_build_object('id', i.id, 'name', i.name, 'channelType', ch.channel_type, 'channelId', ch.id)
            ) as inboxes
          from inboxes i
          join channels ch on ch.id = i.channel_id
          where i.account_id = $1
        `,
        [accountId],
      )
      return new Map((row?.inboxes ?? []).map((inbox) => [inbox.id, inbox]))
    },
  }
}
