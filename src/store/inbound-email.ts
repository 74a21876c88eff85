// The record of accepted mail as people see it: lists, one with its trace, its octets; and the few things that a person may do with it.

import { inTransaction, queryOne, type Pool, type Tx } from '../db/pool.ts'
import { MailError } from '../errors.ts'
import type { IngressName, Peer, ProviderVerdicts } from '../mail/envelope.ts'
import { leaseMs, type StoredMail } from './door/insert-group.ts'

export type InboundStatus = 'pending' | 'processing' | 'delivered' | 'held' | 'ignored' | 'failed'

export interface InboundEmail {
  readonly id: number
  readonly status: InboundStatus
  readonly reason: string | null
  readonly ingress: string
  readonly messageId: string | null
  readonly from: string | null
  readonly recipients: readonly { readonly address: string; readonly learnedFrom: string }[]
  readonly subject: string | null
  readonly size: number
  readonly receivedAt: Date
  readonly accountId: number | null
  readonly conversationDisplayId: number | null
  readonly messageDbId: number | null
  readonly attempts: number
  /** What the provider that received it found out about it, or null. */
  readonly verdicts: ProviderVerdicts | null
  /** The octets were written by us from the parts that a provider gave. */
  readonly synthesised: boolean
  readonly trace: readonly { readonly step: string; readonly outcome: string; readonly detail: string | null }[]
}

/** Whose mail: one account's, or, null, the whole installation's. */
export interface Scope {
  readonly accountId: number | null
}

export interface Filter {
  readonly status: InboundStatus | null
  readonly reason: string | null
  readonly query: string | null
  readonly offset: number
  readonly limit: number
}

interface Row {
  id: number
  status: InboundStatus
  reason: string | null
  ingress: string
  message_id: string | null
  from_address: string | null
  learned: { address: string; learned_from: string }[]
  recipients: string[]
  subject: string | null
  size: number
  received_at: Date
  account_id: number | null
  display_id: number | null
  message_db_id: number | null
  attempts: number
  peer: Partial<Peer>
  trace: { step: string; outcome: string; detail: string | null }[]
}

const columns = `i.id, i.status, i.reason, i.ingress, i.message_id, i.from_address, i.learned, i.recipients, i.subject, i.size, i.received_at, i.account_id, c.display_id, i.message_db_id, i.attempts, i.peer, i.trace`
const visible = 'i.erased_at is null and ($1::int is null or i.account_id = $1)'

export function createInboundEmails(pool: Pool) {
  const find = async (scope: Scope, id: number): Promise<InboundEmail | null> => {
    const row = await queryOne<Row>(pool, `select ${columns} from inbound_emails i left join conversations c on c.id = i.conversation_id where ${visible} and i.id = $2`, [scope.accountId, id])
    return row === null ? null : present(row)
  }
  return {
    find,
    list: async (scope: Scope, filter: Filter): Promise<{ count: number; rows: InboundEmail[] }> => {
      const like = filter.query === null ? null : `%${filter.query.replace(/[\\%_]/g, '\\$&')}%`
      const matching = `${visible} and ($2::inbound_status is null or i.status = $2) and ($3::text is null or i.reason = $3)
        and ($4::text is null or i.subject ilike $4 or i.from_address ilike $4 or i.message_id ilike $4 or array_to_string(i.recipients, ' ') ilike $4)`
      const values = [scope.accountId, filter.status, filter.reason, like]
      const counted = await queryOne<{ count: number }>(pool, `select count(*) as count from inbound_emails i where ${matching}`, values)
      const { rows } = await pool.query<Row>(`select ${columns} from inbound_emails i left join conversations c on c.id = i.conversation_id where ${matching} order by i.id desc offset $5 limit $6`, [
        ...values,
        filter.offset,
        filter.limit,
      ])
      return { count: counted?.count ?? 0, rows: rows.map(present) }
    },
    readRaw: async (scope: Scope, id: number): Promise<Uint8Array | null> => {
      const row = await queryOne<{ bytes: Buffer }>(pool, `select r.bytes from inbound_emails i join raw_emails r on r.id = i.raw_id where ${visible} and i.id = $2`, [scope.accountId, id])
      return row?.bytes ?? null
    },
    /** Leases a settled, undelivered mail for another run; null when it is delivered, under way, or its octets are gone. */
    take: (scope: Scope, id: number): Promise<StoredMail | null> => takeUndelivered(pool, scope, id),
    /** Gives a mail that was taken its former end again: what was tried with it did not work. */
    putBack: async (id: number, former: Pick<InboundEmail, 'status' | 'reason'>): Promise<void> => {
      await pool.query(`update inbound_emails set status = $2::inbound_status, reason = $3 where id = $1 and status = 'processing'`, [id, former.status, former.reason])
    },
    /** Marks a filed mail as held again; the caller has taken its message away in the same transaction. */
    markTakenBack: async (tx: Tx, id: number): Promise<void> => {
      await tx.query(`update inbound_emails set status = 'held', reason = 'taken-back', conversation_id = null, message_db_id = null where id = $1`, [id])
    },
    /** Everything of the mail is gone but the row that keeps the balance; `eraseDerived` does the same for what was made of it. */
    incinerate: async (scope: Scope, id: number, eraseDerived: (tx: Tx, id: number) => Promise<void>): Promise<boolean> =>
      inTransaction(pool, async (tx) => {
        const row = await queryOne<{ raw_id: number | null; status: InboundStatus }>(tx, `select i.raw_id, i.status from inbound_emails i where ${visible} and i.id = $2 for update`, [scope.accountId, id])
        if (row === null) return false
        if (row.status === 'pending' || row.status === 'processing') throw new MailError('conflict', `inbound email ${String(id)} is under way`, { publicMessage: 'This mail is being processed; try again in a moment' })
        await eraseDerived(tx, id)
        await tx.query(
          `update inbound_emails set raw_id = null, pointer = null, reverse_path = null, recipients = '{}', peer = '{}', learned = '[]', trace = '[]', message_id = null, from_address = null, subject = null,
             degraded = null, last_error = null, incinerated_at = coalesce(incinerated_at, now()), erased_at = now() where id = $1`,
          [id],
        )
        await deleteRaw(tx, row.raw_id)
        return true
      }),
  }
}

async function takeUndelivered(pool: Pool, scope: Scope, id: number): Promise<StoredMail | null> {
  const row = await queryOne<{ id: number; bytes: Buffer; ingress: IngressName; reverse_path: string | null; recipients: string[]; peer: StoredMail['peer']; attempts: number }>(
    pool,
    `with taken as (
       update inbound_emails i set status = 'processing', attempts = 1, run_at = now() + $3 * interval '1 ms', owner = default
       where ${visible} and i.id = $2 and i.status in ('held', 'ignored', 'failed') and i.raw_id is not null returning *)
     select t.id, r.bytes, t.ingress, t.reverse_path, t.recipients, t.peer, t.attempts from taken t join raw_emails r on r.id = t.raw_id`,
    [scope.accountId, id, leaseMs],
  )
  if (row === null) return null
  return { id: row.id, raw: row.bytes, ingress: row.ingress, envelope: { reversePath: row.reverse_path, recipients: row.recipients }, peer: row.peer, attempts: row.attempts }
}

// Siblings of one mail share its octets.
async function deleteRaw(tx: Tx, rawId: number | null): Promise<void> {
  if (rawId === null) return
  await tx.query('select 1 from raw_emails where id = $1 for update', [rawId])
  await tx.query('delete from raw_emails r where r.id = $1 and not exists (select 1 from inbound_emails i where i.raw_id = r.id)', [rawId])
}

function present(row: Row): InboundEmail {
  const recipients = row.learned.length > 0 ? row.learned : row.recipients.map((address) => ({ address, learned_from: 'envelope' }))
  return {
    id: row.id,
    status: row.status,
    reason: row.reason,
    ingress: row.ingress,
    messageId: row.message_id,
    from: row.from_address,
    recipients: recipients.map(({ address, learned_from }) => ({ address, learnedFrom: learned_from })),
    subject: row.subject,
    size: row.size,
    receivedAt: row.received_at,
    accountId: row.account_id,
    conversationDisplayId: row.display_id,
    messageDbId: row.message_db_id,
    attempts: row.attempts,
    verdicts: row.peer.verdicts ?? null,
    synthesised: row.peer.synthesised === true,
    trace: row.trace,
  }
}
