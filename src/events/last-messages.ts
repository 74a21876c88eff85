// The last public message that an event shows: by conversation and by the first message that came later.

import { columns, type RowOf } from '../db/columns.ts'
import type { Pool } from '../db/pool.ts'

const questionTypes = { key: 'text', conversation_id: 'int', bound: 'int' } as const

const questions = columns(questionTypes)

const lastSql = `select q.key, m.id, c.contact_inbox_id as "contactInbox"
  from ${questions.from('q')}
  join conversations c on c.id = q.conversation_id
  left join lateral (
    select m.id
    from messages m
    where m.conversation_id = q.conversation_id
      and m.message_type <> 'activity'
      and not m.private
      and (q.bound is null or m.id < q.bound)
    order by m.id desc
    limit 1
  ) m on true`

interface LastMessage {
  readonly key: string
  /** Null: the conversation had no public message. */
  readonly id: number | null
  readonly contactInbox: number | null
}

/** One for each question whose conversation is there; `bound` is the first message that is too late, or null. */
export async function findLastMessages(
  pool: Pool,
  asked: readonly RowOf<typeof questionTypes>[],
): Promise<LastMessage[]> {
  const { rows } = await pool.query<LastMessage>(lastSql, questions.values(asked))
  return rows
}
