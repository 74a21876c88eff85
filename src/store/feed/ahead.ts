// The mail ahead in a thread: a mail that refers (In-Reply-To, References) to one which is accepted but not yet
// settled is put off until that one is, whichever process has it. Bounded in time: the mail ahead may need long, or
// never come to an end.

import type { StoredMail } from '../../contracts/stored-mail.ts'
import { columns } from '../../db/columns.ts'
import { toJsonb } from '../../db/json.ts'
import { type Sql, statement } from '../../db/pool.ts'

/** After this many deferrals, about two minutes, it is routed without the mail ahead. */
export const maxWaits = 30

/** The mail waits for another, which is not settled yet. */
export class WaitError extends Error {
  readonly inboundEmailId: number

  constructor(inboundEmailId: number) {
    super(`waits for inbound email ${String(inboundEmailId)}, which it answers`)
    this.name = 'WaitError'
    this.inboundEmailId = inboundEmailId
  }
}

export interface Follower {
  readonly id: number
  /** Message-IDs that it refers to. */
  readonly answers: readonly string[]
}

export interface Ahead {
  readonly followerId: number
  /** Inbound email id of the mail ahead. */
  readonly id: number
  /** Accounts that have a message with its Message-ID already. */
  readonly knownTo: readonly number[]
}

const questions = columns({ follower_id: 'bigint', message_id: 'text' })

// Only what was accepted before it counts, so that mails which name each other never wait in a circle. A sibling
// counts as its parent.
const aheadSql = statement(`select
    q.follower_id as "followerId",
    a.id,
    array(select distinct m.account_id from messages m where m.source_id = a.message_id) as "knownTo"
  from ${questions.from('q')}
  cross join lateral (
    select i.id, i.parent_id, i.message_id
    from inbound_emails i
    where hashtext(i.message_id) = hashtext(q.message_id)
      and i.message_id = q.message_id
      and i.status in ('pending', 'processing')
    offset 0
  ) a
  where coalesce(a.parent_id, a.id) <
    coalesce((select f.parent_id from inbound_emails f where f.id = q.follower_id), q.follower_id)
  order by a.id`)

/** Mails under way that these refer to and that were accepted before them. Throws when the database is away. */
export async function findAhead(sql: Sql, followers: readonly Follower[]): Promise<Ahead[]> {
  const asked = followers.flatMap(({ id, answers }) =>
    answers.map((answer) => ({ follower_id: id, message_id: answer })),
  )
  if (asked.length === 0) return []
  const { rows } = await sql.query<Ahead>(aheadSql(questions.values(asked)))
  return rows
}

export type AheadMail = Pick<StoredMail, 'id' | 'raw' | 'envelope' | 'peer'>

/** The mail without the later part of its raw bytes: enough to find its account. */
const maxBytes = 256 * 1024

/** Mails under way by id, for a look at their addresses; nothing is claimed. Throws when the database is away. */
export async function readAhead(sql: Sql, ids: readonly number[]): Promise<AheadMail[]> {
  const { rows } = await sql.query<{
    id: number
    raw: Buffer
    reverse_path: string | null
    recipients: string[]
    peer: StoredMail['peer']
  }>(
    `select
       i.id,
       substring(r.bytes from 1 for $2) as raw,
       i.reverse_path,
       i.recipients,
       i.peer
     from inbound_emails i
     join raw_emails r on r.id = i.raw_id
     where i.id = any($1)`,
    [ids, maxBytes],
  )
  return rows.map(({ id, raw, reverse_path, recipients, peer }) => ({
    id,
    raw,
    envelope: { reversePath: reverse_path, recipients },
    peer,
  }))
}

/** The delay, in ms, after this many deferrals: 100, 200, … at most 5 s. */
export function waitMs(waits: number): number {
  return Math.min(100 * 2 ** waits, 5_000)
}

/** Gives a mail back until the one ahead is settled. It was not tried: the attempt does not count. */
export async function postpone(
  sql: Sql,
  mail: Pick<StoredMail, 'id' | 'attempts'> & { readonly waits?: number },
  { inboundEmailId }: WaitError,
): Promise<void> {
  const { waits = 0 } = mail
  const detail = `waits for inbound email ${String(inboundEmailId)}, which it answers and which is not settled yet`
  await sql.query(
    `update inbound_emails set
       status = 'pending',
       attempts = greatest($2 - 1, 0),
       waits = $3,
       waits_for = $4,
       trace = $5,
       run_at = now() + $6 * interval '1 ms',
       owner = null
     where id = $1
       and status in ('pending', 'processing')`,
    [
      mail.id,
      mail.attempts,
      waits + 1,
      inboundEmailId,
      toJsonb([{ step: 'conversation', outcome: 'waits', detail }]),
      waitMs(waits),
    ],
  )
}
