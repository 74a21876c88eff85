// Fetches the raw bytes of accepted notices: work with retries, the mail pending meanwhile; after the last attempt it
// is `failed` (`not-fetched`), and a replay starts again. With its raw bytes it is a mail like any other.

import { toJsonb, toText, toTextOrNull } from '../db/json.ts'
import { inTransaction, type Pool, queryOne, type Sql, type Tx } from '../db/pool.ts'
import { MailError } from '../errors.ts'
import type { Envelope, ProviderVerdicts } from '../mail/envelope.ts'
import { readMessageIdOf } from '../mail/header/message-id-of.ts'
import type { Handler } from '../queue/runner.ts'
import { enqueue } from '../queue/work.ts'

export type FetchMail = (pointer: Readonly<Record<string, unknown>>) => Promise<{
  readonly raw: Buffer
  readonly synthesised: boolean
  readonly verdicts?: ProviderVerdicts
}>

interface FetchOptions {
  readonly pool: Pool
  /** By ingress. */
  readonly fetchers: Readonly<Record<string, FetchMail>>
  /** True if a mail is a canary that came back (src/app/canary): it is not kept. */
  readonly isCanary: (mail: {
    readonly raw: Buffer
    readonly ingress: string
    readonly envelope: Envelope
  }) => Promise<boolean>
  /** A mail has its raw bytes now and is due. */
  readonly onFetched: () => void
}

interface Waiting {
  readonly ingress: string
  readonly reverse_path: string | null
  readonly recipients: readonly string[]
  readonly pointer: Record<string, unknown>
}

/** The handler of work of kind `fetch-mail`. */
export function createFetchHandler({
  pool,
  fetchers,
  isCanary,
  onFetched,
}: FetchOptions): Handler<{ readonly inboundEmailId: number }> {
  return {
    run: async ({ inboundEmailId }) => {
      const waiting = await queryOne<Waiting>(
        pool,
        `
          select ingress, reverse_path, recipients, pointer
          from inbound_emails
          where id = $1 and raw_id is null and status = 'pending' and pointer is not null
        `,
        [inboundEmailId],
      )
      if (waiting === null) return
      const fetchMail = fetchers[waiting.ingress]
      if (fetchMail === undefined)
        throw new MailError(
          'misconfigured',
          `${waiting.ingress} is not in RAILS_INBOUND_EMAIL_SERVICE, so its mail cannot be fetched`,
        )
      const fetched = await fetchMail(waiting.pointer)
      const { ingress, reverse_path: reversePath, recipients } = waiting
      if (await isCanary({ raw: fetched.raw, ingress, envelope: { reversePath, recipients } })) {
        await removeWaiting(pool, inboundEmailId)
        return
      }
      await inTransaction(pool, (tx) => giveRaw(tx, inboundEmailId, fetched))
      onFetched()
    },
    onRetry: ({ inboundEmailId }, { error, attempts }) =>
      note(pool, { id: inboundEmailId, attempts, error, outcome: 'retry' }),
    onGiveUp: ({ inboundEmailId }, error) =>
      note(pool, { id: inboundEmailId, attempts: null, error, outcome: 'failed' }),
  }
}

async function removeWaiting(sql: Sql, id: number): Promise<void> {
  await sql.query(`delete from inbound_emails where id = $1 and raw_id is null and status = 'pending'`, [id])
}

async function giveRaw(tx: Tx, id: number, fetched: Awaited<ReturnType<FetchMail>>): Promise<void> {
  const { raw, synthesised, verdicts } = fetched
  const kept = await queryOne<{ id: number }>(tx, 'insert into raw_emails (bytes) values ($1) returning id', [raw])
  const { rowCount } = await tx.query(
    `update inbound_emails set
       raw_id = $2,
       size = $3,
       message_id = $5,
       pointer = null,
       peer = peer || $4::jsonb,
       attempts = 0,
       last_error = null,
       trace = '[]',
       run_at = now()
     where id = $1 and raw_id is null and status = 'pending'`,
    [
      id,
      kept?.id,
      raw.length,
      toJsonb({ ...(synthesised ? { synthesised: true } : {}), ...(verdicts === undefined ? {} : { verdicts }) }),
      toTextOrNull(readMessageIdOf(raw)),
    ],
  )
  if (rowCount === 0) await tx.query('delete from raw_emails where id = $1', [kept?.id])
}

async function note(
  sql: Sql,
  { id, attempts, error, outcome }: { id: number; attempts: number | null; error: string; outcome: 'retry' | 'failed' },
): Promise<void> {
  await sql.query(
    `
      update inbound_emails
      set
        attempts = coalesce($2, attempts + 1),
        last_error = left($3, 2000),
        trace = jsonb_build_array(
          jsonb_build_object('step', 'fetch', 'outcome', $4::text, 'detail', left($3, 500))
        ),
        status = case when $4 = 'failed' then 'failed' else status end,
        reason = case when $4 = 'failed' then 'not-fetched' else reason end,
        settled_at = case when $4 = 'failed' then now() end
      where id = $1 and raw_id is null and status = 'pending'
    `,
    [id, attempts, toText(error), outcome],
  )
}

/** Puts a mail that could not be fetched to work again; false when it is none, or none in this scope. */
export async function fetchAgain(
  pool: Pool,
  scope: { readonly accountId: number | null },
  id: number,
): Promise<boolean> {
  return inTransaction(pool, async (tx) => {
    const { rowCount } = await tx.query(
      `
        update inbound_emails
        set status = 'pending', reason = null, settled_at = null, attempts = 0, run_at = 'infinity'
        where id = $1
          and status = 'failed'
          and raw_id is null
          and pointer is not null
          and ($2::int is null or account_id = $2)
      `,
      [id, scope.accountId],
    )
    if (rowCount === 0) return false
    const key = `fetch-${String(id)}`
    await tx.query(`delete from work where kind = 'fetch-mail' and key = $1 and failed_at is not null`, [key])
    await enqueue(tx, [{ kind: 'fetch-mail', key, payload: { inboundEmailId: id } }])
    return true
  })
}

/** Removes what was kept to fetch mails that were given up so many days ago; returns how many. */
export async function forgetPointers(sql: Sql, undeliveredDays: number): Promise<number> {
  const { rowCount } = await sql.query(
    `
      update inbound_emails
      set pointer = null, incinerated_at = now()
      where pointer is not null and status = 'failed' and settled_at < now() - $1 * interval '1 day'
    `,
    [undeliveredDays],
  )
  return rowCount ?? 0
}
