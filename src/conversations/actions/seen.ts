// Read marks of a conversation: of all agents together (unread count), of its assignee, and of its contact. A mark does
// not touch `updated_at`. The messages that the contact has seen become `read`.

import { queryOne, type Sql } from '../../db/pool.ts'

interface Look {
  readonly conversationId: number
  readonly userId: number
}

const unread = (column: string) =>
  `
    exists (
      select 1
      from messages m
      where m.conversation_id = c.id
        and m.message_type = 'incoming'
        and m.created_at > coalesce(${column}, '-infinity')
    )
  `

/**
 * An agent has seen it. If nothing is unread the mark moves once an hour at most, so that reading causes few writes.
 */
export async function markSeen(sql: Sql, { conversationId, userId }: Look): Promise<void> {
  await sql.query(
    `
      update conversations c
      set
        agent_last_seen_at = clock_timestamp(),
        assignee_last_seen_at = case
          when c.assignee_id = $2 then clock_timestamp()
          else c.assignee_last_seen_at
        end
      where c.id = $1
        and (
          coalesce(c.agent_last_seen_at, '-infinity') < now() - interval '1 hour'
            or (
              c.assignee_id = $2 and coalesce(c.assignee_last_seen_at, '-infinity') < now() - interval '1 hour'
            )
            or ${unread('c.agent_last_seen_at')}
            or (c.assignee_id = $2 and ${unread('c.assignee_last_seen_at')})
        )
    `,
    [conversationId, userId],
  )
}

/** The last thing that the contact said is unread again. Nothing happens where the contact has said nothing. */
export async function markUnread(sql: Sql, { conversationId, userId }: Look): Promise<void> {
  await sql.query(
    `
      update conversations c
      set
        agent_last_seen_at = l.at - interval '1 second',
        assignee_last_seen_at = case
          when c.assignee_id = $2 then l.at - interval '1 second'
          else c.assignee_last_seen_at
        end
      from (
        select m.created_at as at
        from messages m
        where m.conversation_id = $1 and m.message_type = 'incoming'
        order by m.id desc
        limit 1
      ) l
      where c.id = $1
    `,
    [conversationId, userId],
  )
}

/**
 * Records that the contact has seen the conversation, in a channel that reports it: messages until now become `read`.
 * Returns the time; null when the conversation is gone.
 */
export async function markSeenByContact(sql: Sql, conversationId: number): Promise<Date | null> {
  const row = await queryOne<{ at: Date }>(
    sql,
    `
      with seen as (
        update conversations
        set contact_last_seen_at = clock_timestamp()
        where id = $1
        returning id, contact_last_seen_at as at
      ),
      reading as (
        update messages m
        set status = 'read', updated_at = now()
        from seen
        where m.conversation_id = seen.id
          and m.message_type in ('outgoing', 'template')
          and not m.private
          and m.status in ('sent', 'delivered')
          and m.created_at <= seen.at
      )
      select at from seen
    `,
    [conversationId],
  )
  return row?.at ?? null
}
