// Indexes the words of messages in the order in which they are announced: in batches, one process at a time (an
// advisory lock). Messages that are not indexed yet are searched directly (search.ts), so nothing is missed meanwhile.

import { inTransaction, type Pool, queryOne, type Tx } from '../../db/pool.ts'

/** Events that one transaction follows. */
const followAtOnce = 1_000

/** Writes pending index entries; returns how many events were processed. */
export async function followWords(pool: Pool): Promise<number> {
  let followed = 0
  for (;;) {
    const part = await inTransaction(pool, followPart)
    followed += part
    if (part < followAtOnce) return followed
  }
}

async function followPart(tx: Tx): Promise<number> {
  const lock = await queryOne<{ mine: boolean }>(
    tx,
    `select pg_try_advisory_xact_lock(hashtext('rethread.words')) as mine`,
  )
  if (lock?.mine !== true) return 0
  const { rows } = await tx.query<{ position: number; message_id: number }>(
    `
      select position, message_id
      from events
      where position > ${followedPosition} and name in ('message_created', 'message_updated')
      order by position
      limit $1
    `,
    [followAtOnce],
  )
  const last = rows.at(-1)
  if (last === undefined) return 0
  const ids = [...new Set(rows.map((row) => row.message_id))]
  await tx.query(
    `
      insert into message_words (message_id, account_id, conversation_id, words)
      select m.id, m.account_id, m.conversation_id, ${wordsOf('m')}
      from messages m
      where m.id = any($1) and m.message_type <> 'activity'
      order by m.id
      for key share
      on conflict (message_id) do update
      set words = excluded.words, conversation_id = excluded.conversation_id
      where message_words.words is distinct from excluded.words
    `,
    [ids],
  )
  await tx.query(
    `
      insert into installation (name, value)
      values ('words_position', $1::text)
      on conflict (name) do update
      set value = excluded.value
    `,
    [last.position],
  )
  return rows.length
}

/** As SQL: the position up to which words have been written. */
export const followedPosition = `coalesce((select value::bigint from installation where name = 'words_position'), 0)`

/** As SQL: the words of a message, folded. */
export const wordsOf = (table: string): string =>
  `to_tsvector('simple', fold(left(coalesce(${table}.content, ''), 20000)))`
