// One statement that makes a group of mails durable: raw bytes and rows together, once per idempotency key.

import type { StoredMail } from '../../contracts/stored-mail.ts'
import { columns } from '../../db/columns.ts'
import { toJsonb, toTextOrNull } from '../../db/json.ts'
import { inTransaction, type Pool, type Sql, statement } from '../../db/pool.ts'
import type { Submission } from '../../mail/envelope.ts'
import { readMessageIdOf } from '../../mail/header/message-id-of.ts'
import { contentKey } from './idempotency-key.ts'
import { consumeTokens } from './one-time-tokens.ts'

export interface Accepted {
  /** Id of the row in `inbound_emails`. */
  readonly id: number
  /** True when the same content for the same recipients was there already; the answer is yes all the same. */
  readonly duplicate: boolean
}

export interface Arrival {
  readonly submission: Submission
  readonly key: Buffer
}

/** How long a mail belongs to the process that accepted or claimed it, before another may take it up. */
export const leaseMs = 60_000

const arrived = columns({
  hex: 'text',
  ingress: 'text',
  reverse_path: 'text',
  recipients: 'jsonb',
  peer: 'jsonb',
  start: 'int',
  size: 'int',
  message_id: 'text',
  content_hex: 'text',
})

// In the order of the keys, so that two groups with mails in common never deadlock. All raw bytes travel as one binary
// value, cut up by the database: an array of bytea would go as hexadecimal text, twice the size.
const insertSql = statement(`
  with arrival as (
    select *
    from ${arrived.from('a')}
  ),
  keyed as (select decode(hex, 'hex') as key, nextval('raw_emails_id_seq') as raw_id, * from arrival),
  fresh as (
    insert into inbound_emails (
      idempotency_key, raw_id, ingress, reverse_path, recipients, peer, size, message_id, content_key, run_at
    )
    select
      key,
      raw_id,
      ingress,
      reverse_path,
      array(select jsonb_array_elements_text(recipients)),
      peer,
      size,
      message_id,
      decode(content_hex, 'hex'),
      now() + $11 * interval '1 ms'
    from keyed
    order by key
    on conflict (idempotency_key) do nothing
    returning id, idempotency_key as key, raw_id
  ),
  raws as (
    insert into raw_emails (id, bytes)
    select fresh.raw_id, substring($10::bytea from keyed.start + 1 for keyed.size)
    from fresh
    join keyed using (key)
  )
  select id, key from fresh
`)

const findSql = statement('select id, idempotency_key as key from inbound_emails where idempotency_key = any($1)')

interface Inserted {
  readonly answers: Accepted[]
  readonly fresh: StoredMail[]
}

/**
 * Commits the group; `answers` are in the order given, `fresh` are those that were not there before. One statement is
 * a transaction, too; only a one-time token needs more.
 */
export function insertGroup(pool: Pool, arrivals: readonly Arrival[], leased: boolean): Promise<Inserted> {
  if (!arrivals.some(({ submission }) => submission.once !== undefined)) return insertAll(pool, arrivals, leased)
  return inTransaction(pool, async (tx) => insertAll(tx, await consumeTokens(tx, arrivals), leased))
}

async function insertAll(sql: Sql, arrivals: readonly Arrival[], leased: boolean): Promise<Inserted> {
  // Of two with one key the first counts: the second may be another mail, under a token that was used.
  const byKey = new Map(arrivals.toReversed().map((arrival) => [arrival.key.toString('hex'), arrival]))
  const unique = [...byKey.values()]
  const freshIds = await insert(sql, unique, leased)
  const knownIds = await find(
    sql,
    unique.filter((arrival) => !freshIds.has(arrival.key.toString('hex'))),
  )
  const seenKeys = new Set<string>()
  const answers = arrivals.map(({ key }) => {
    const hex = key.toString('hex')
    const id = freshIds.get(hex) ?? knownIds.get(hex)
    if (id === undefined) throw new Error('a mail was neither new nor known')
    const duplicate = !freshIds.has(hex) || seenKeys.has(hex)
    seenKeys.add(hex)
    return { id, duplicate }
  })
  const fresh = [...freshIds].flatMap(([hex, id]) => {
    const submission = byKey.get(hex)?.submission
    return submission === undefined ? [] : [{ ...submission, id, attempts: 0, waits: 0, waitsFor: null }]
  })
  return { answers, fresh }
}

async function insert(sql: Sql, arrivals: readonly Arrival[], leased: boolean): Promise<Map<string, number>> {
  const raws = arrivals.map(({ submission }) => submission.raw)
  let total = 0
  const mails = arrivals.map(({ key, submission }) => {
    const start = total
    total += submission.raw.length
    const messageId = readMessageIdOf(submission.raw)
    return {
      hex: key.toString('hex'),
      ingress: submission.ingress,
      reverse_path: toTextOrNull(submission.envelope.reversePath),
      recipients: toJsonb(submission.envelope.recipients),
      peer: toJsonb(submission.peer),
      start,
      size: submission.raw.length,
      message_id: toTextOrNull(messageId),
      content_hex: messageId === null ? contentKey(submission.raw).toString('hex') : null,
    }
  })
  const { rows } = await sql.query<{ id: number; key: Buffer }>(
    insertSql([...arrived.values(mails), Buffer.concat(raws, total), leased ? leaseMs : 0]),
  )
  return idsByKey(rows)
}

// The first insert has committed: this one has waited for it.
async function find(sql: Sql, arrivals: readonly Arrival[]): Promise<Map<string, number>> {
  if (arrivals.length === 0) return new Map()
  const { rows } = await sql.query<{ id: number; key: Buffer }>(findSql([arrivals.map((arrival) => arrival.key)]))
  return idsByKey(rows)
}

function idsByKey(rows: readonly { id: number; key: Buffer }[]): Map<string, number> {
  return new Map(rows.map((row) => [row.key.toString('hex'), row.id]))
}
