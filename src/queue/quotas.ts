// How many bytes are stored in a day for a visitor, for a client network and for an account, and how many may be:
// counted in memory, added to the table `stored_bytes` once a second in one statement, whose answer is what all
// processes have counted together. So nothing is written while a mail is accepted, and several processes together go
// over a quota by what they take in a second or two. A day is one of UTC.

import { columns } from '../db/columns.ts'
import { type Pool, queryOne } from '../db/pool.ts'
import { MailError } from '../errors.ts'

export type QuotaKind = 'visitor' | 'network' | 'visitors' | 'account'
/** The owner of stored bytes: `account:1`, `network:192.0.2.0/24`, `visitor:5`. */
export type QuotaKey = `${QuotaKind}:${string}`

export interface Quotas {
  /**
   * Counts the bytes for each of the keys. Throws `MailError('over-quota')` if one has no room for them today; then
   * none is counted.
   */
  readonly take: (keys: readonly QuotaKey[], bytes: number) => Promise<void>
  /** Subtracts bytes that were counted and not stored. Never throws. */
  readonly giveBack: (keys: readonly QuotaKey[], bytes: number) => void
  /** Counts stored bytes without a check. Never throws. */
  readonly add: (key: QuotaKey, bytes: number) => void
  /** The accounts without room today, as far as this process knows. Never throws. */
  readonly fullAccounts: () => ReadonlySet<QuotaKey>
  /** Writes the counts in memory. Never throws. */
  readonly close: () => Promise<void>
}

interface QuotaDeps {
  readonly pool: Pool
  /** Bytes a day; null = any number. */
  readonly most: Readonly<Record<QuotaKind, number | null>>
  readonly onError: (error: unknown) => void
}

interface Count {
  /** In the table, at the last look. */
  written: number
  /** In memory only. */
  waiting: number
  /** On its way into the table. */
  underway: number
}

const flushEveryMs = 1_000
const lookEveryMs = 2_000
const maxKeys = 50_000

const counted = columns({ key: 'text', bytes: 'bigint' }, 2)

const addSql = `
  insert into stored_bytes (day, key, bytes)
  select $1::date, key, bytes from ${counted.from('counted')} order by key
  on conflict (day, key) do update set bytes = stored_bytes.bytes + excluded.bytes
  returning key, bytes`

/** Begins to count. */
export function createQuotas({ pool, most, onError }: QuotaDeps): Quotas {
  let day = today()
  let counts = new Map<QuotaKey, Count>()
  let full: ReadonlySet<QuotaKey> = new Set()
  let flushing: Promise<void> | null = null

  const mostOf = (key: QuotaKey): number | null => most[key.slice(0, key.indexOf(':')) as QuotaKind]
  const count = (key: QuotaKey): Count => {
    const known = counts.get(key)
    if (known !== undefined) return known
    const fresh = { written: 0, waiting: 0, underway: 0 }
    counts.set(key, fresh)
    return fresh
  }

  // Pending counts are flushed from here; a new day, or too many names, starts a new table.
  const takeDue = () => {
    const due = [...counts].filter(([, { waiting }]) => waiting !== 0)
    const taken = due.map(([key, one]) => ({ key, one, bytes: one.waiting }))
    for (const { one, bytes } of taken) {
      one.waiting = 0
      one.underway += bytes
    }
    const of = day
    if (day !== today() || counts.size > maxKeys) counts = new Map<QuotaKey, Count>()
    if (day !== today()) full = new Set<QuotaKey>()
    day = today()
    return { of, taken }
  }
  const flush = async (): Promise<void> => {
    const { of, taken } = takeDue()
    if (taken.length === 0) return
    try {
      const { rows } = await pool.query<{ key: QuotaKey; bytes: number }>(addSql, [of, ...counted.values(taken)])
      const written = new Map(rows.map((row) => [row.key, row.bytes]))
      for (const { key, one } of taken) one.written = written.get(key) ?? one.written
    } catch (error) {
      for (const { key, bytes } of taken) count(key).waiting += bytes
      throw error
    } finally {
      for (const { one, bytes } of taken) one.underway -= bytes
    }
  }
  const look = async (): Promise<void> => {
    if (most.account === null) return
    const { rows } = await pool.query<{ key: QuotaKey }>(
      `select key from stored_bytes where day = $1::date and key like 'account:%' and bytes >= $2`,
      [today(), most.account],
    )
    full = new Set(rows.map(({ key }) => key))
  }
  const every = (ms: number, action: () => Promise<void>): NodeJS.Timeout =>
    // A start that fails half-way is not kept from ending.
    setInterval(() => void action().catch(onError), ms).unref()
  const flushOnce = (): Promise<void> =>
    (flushing ??= flush().finally(() => {
      flushing = null
    }))
  const timers = [every(flushEveryMs, flushOnce), every(lookEveryMs, look)]

  // Counts of today by other processes, or by this one before a restart.
  const load = async (key: QuotaKey): Promise<void> => {
    const one = count(key)
    const row = await queryOne<{ bytes: number }>(
      pool,
      'select bytes from stored_bytes where day = $1::date and key = $2',
      [day, key],
    )
    one.written = Math.max(one.written, row?.bytes ?? 0)
  }

  return {
    take: async (keys, bytes) => {
      const limited = keys.filter((key) => mostOf(key) !== null)
      const unknown = limited.filter((key) => !counts.has(key))
      if (unknown.length > 0) await Promise.all(unknown.map(load))
      for (const key of limited) {
        const { written, waiting, underway } = count(key)
        if (written + waiting + underway + bytes > (mostOf(key) ?? Infinity)) throw overQuota(key)
      }
      for (const key of limited) count(key).waiting += bytes
    },
    giveBack: (keys, bytes) => {
      for (const key of keys.filter((one) => mostOf(one) !== null)) count(key).waiting -= bytes
    },
    add: (key, bytes) => {
      if (mostOf(key) !== null) count(key).waiting += bytes
    },
    fullAccounts: () => full,
    close: async () => {
      for (const timer of timers) clearInterval(timer)
      await flushOnce().then(flushOnce).catch(onError)
    },
  }
}

/** The fault of an owner without room today. */
export function overQuota(key: QuotaKey): MailError {
  return new MailError('over-quota', `${key} has stored all that its quota allows today`)
}

function today(): string {
  return new Date().toISOString().slice(0, 10)
}

/** Stored bytes of today, largest first, for `doctor`. */
export async function readStoredToday(pool: Pool): Promise<{ key: QuotaKey; bytes: number }[]> {
  const { rows } = await pool.query<{ key: QuotaKey; bytes: number }>(
    'select key, bytes from stored_bytes where day = $1::date order by bytes desc limit 1000',
    [today()],
  )
  return rows
}

/** Deletes days that are no longer needed; returns how many rows. */
export async function forgetStored(pool: Pool): Promise<number> {
  const { rowCount } = await pool.query(`delete from stored_bytes where day < current_date - 7`)
  return rowCount ?? 0
}
