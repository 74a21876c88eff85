// The record of accepted mail: one with its trace, its raw bytes, and the changes of its row by a person.

import type { InboundEmail, InboundEmailFilter, InboundStatus, Scope } from '../contracts/inbound-email.ts'
import type { StoredMail } from '../contracts/stored-mail.ts'
import { inTransaction, type Pool, queryOne, type Tx } from '../db/pool.ts'
import { MailError } from '../errors.ts'
import type { IngressName } from '../mail/envelope.ts'
import { leaseMs } from './acceptance/insert-group.ts'
import { countNeeding, type Listed, listInboundEmails } from './inbound-email-list.ts'
import { columns, presentRow, type Retention, type Row, source, valuesOf, visible } from './inbound-email-row.ts'

export function createInboundEmails(pool: Pool, retention: Retention) {
  const find = async (scope: Scope, id: number): Promise<InboundEmail | null> => {
    const row = await queryOne<Row>(pool, `select ${columns} from ${source} where ${visible} and i.id = $4`, [
      ...valuesOf(scope),
      id,
    ])
    return row === null ? null : presentRow(row, retention)
  }
  return {
    find,
    list: (scope: Scope, filter: InboundEmailFilter): Promise<Listed> =>
      listInboundEmails(pool, retention, { scope, filter }),
    countNeeding: (scope: Scope) => countNeeding(pool, scope),
    readRaw: async (scope: Scope, id: number): Promise<Uint8Array | null> => {
      const row = await queryOne<{ bytes: Buffer }>(
        pool,
        `select r.bytes from ${source} join raw_emails r on r.id = i.raw_id where ${visible} and i.id = $4`,
        [...valuesOf(scope), id],
      )
      return row?.bytes ?? null
    },
    /** As received, for another parse; null also if its raw bytes are gone. */
    readStored: async (scope: Scope, id: number): Promise<Pick<StoredMail, 'raw' | 'envelope'> | null> => {
      const row = await queryOne<{ raw: Buffer; reversePath: string | null; recipients: string[] }>(
        pool,
        `select r.bytes as raw, i.reverse_path as "reversePath", i.recipients
         from ${source}
         join raw_emails r on r.id = i.raw_id
         where ${visible} and i.id = $4`,
        [...valuesOf(scope), id],
      )
      return row === null
        ? null
        : { raw: row.raw, envelope: { reversePath: row.reversePath, recipients: row.recipients } }
    },
    /**
     * Leases a settled, undelivered mail for another run; null if it is delivered, in progress, or its raw bytes are
     * gone.
     */
    take: (scope: Scope, id: number): Promise<StoredMail | null> => takeUndelivered(pool, scope, id),
    /** Restores the former outcome of a mail after an action on it failed. */
    putBack: async (id: number, former: Pick<InboundEmail, 'status' | 'reason'>): Promise<void> => {
      await pool.query(
        `update inbound_emails set status = $2::inbound_status, reason = $3 where id = $1 and status = 'processing'`,
        [id, former.status, former.reason],
      )
    },
    /** Marks a filed mail as held again; the caller has taken its message away in the same transaction. */
    markTakenBack: async (tx: Tx, id: number): Promise<void> => {
      await tx.query(
        `update inbound_emails
         set status = 'held', reason = 'taken-back', conversation_id = null, message_db_id = null
         where id = $1`,
        [id],
      )
    },
    /**
     * Deletes everything of the mail except the row that keeps the balance; `eraseDerived` does the same for what was
     * made of it.
     */
    incinerate: async (
      scope: Scope,
      id: number,
      eraseDerived: (tx: Tx, id: number) => Promise<void>,
    ): Promise<boolean> =>
      inTransaction(pool, async (tx) => {
        const row = await queryOne<{ raw_id: number | null; status: InboundStatus }>(
          tx,
          `select i.raw_id, i.status from ${source} where ${visible} and i.id = $4 for update of i`,
          [...valuesOf(scope), id],
        )
        if (row === null) return false
        if (row.status === 'pending' || row.status === 'processing')
          throw new MailError('conflict', `inbound email ${String(id)} is under way`, {
            publicMessage: 'This mail is being processed; try again in a moment',
          })
        await eraseDerived(tx, id)
        await tx.query(eraseSql, [id])
        await deleteRaw(tx, row.raw_id)
        return true
      }),
  }
}

// All but what the balance needs.
const eraseSql = `
    update inbound_emails
    set
      raw_id = null,
      pointer = null,
      reverse_path = null,
      recipients = '{}',
      peer = '{}',
      learned = '[]',
      trace = '[]',
      message_id = null,
      content_key = null,
      from_address = null,
      subject = null,
      degraded = null,
      times = null,
      former = null,
      last_error = null,
      incinerated_at = coalesce(incinerated_at, now()),
      erased_at = now()
    where id = $1
`

async function takeUndelivered(pool: Pool, scope: Scope, id: number): Promise<StoredMail | null> {
  const row = await queryOne<{
    id: number
    bytes: Buffer
    ingress: IngressName
    reverse_path: string | null
    recipients: string[]
    peer: StoredMail['peer']
    attempts: number
  }>(
    pool,
    `
      with taken as (
        update inbound_emails m
        set
          status = 'processing',
          attempts = 1,
          waits = 0,
          run_at = now() + $5 * interval '1 ms',
          owner = default
        from ${source}
        where m.id = i.id
          and ${visible}
          and i.id = $4
          and m.status in ('held', 'ignored', 'failed')
          and m.raw_id is not null
        returning m.*
      )
      select t.id, r.bytes, t.ingress, t.reverse_path, t.recipients, t.peer, t.attempts
      from taken t
      join raw_emails r on r.id = t.raw_id
    `,
    [...valuesOf(scope), id, leaseMs],
  )
  if (row === null) return null
  return {
    id: row.id,
    raw: row.bytes,
    ingress: row.ingress,
    envelope: { reversePath: row.reverse_path, recipients: row.recipients },
    peer: row.peer,
    attempts: row.attempts,
    waits: 0,
    waitsFor: null,
  }
}

// Split copies of one mail share its raw bytes.
async function deleteRaw(tx: Tx, rawId: number | null): Promise<void> {
  if (rawId === null) return
  await tx.query('select 1 from raw_emails where id = $1 for update', [rawId])
  await tx.query(
    'delete from raw_emails r where r.id = $1 and not exists (select 1 from inbound_emails i where i.raw_id = r.id)',
    [rawId],
  )
}
