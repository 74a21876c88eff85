// When each ingress service was last heard of, and what it last refused and why: for `doctor`, over all processes and restarts.
// Beside the mail, not in its way: written at most every few seconds, and a fault here is no fault of a mail.

import { toTextOrNull } from '../db/json.ts'
import type { Pool } from '../db/pool.ts'
import type { Log } from '../log.ts'

export interface IngressNews {
  readonly heardAt: Date | null
  readonly refusedAt: Date | null
  readonly refusal: string | null
}

const everyMs = 2_000

/** Notes a request that was taken (null) or refused; what comes within two seconds of the last note of its kind may be left out. Never throws. */
export function createIngressNews(pool: Pool, log: Log) {
  const notedAt = new Map<string, number>()
  return (service: string, refusal: string | null): void => {
    const topic = `${service} ${refusal ?? ''}`.slice(0, 300)
    const now = performance.now()
    if (now < (notedAt.get(topic) ?? -everyMs) + everyMs) return
    // Reasons may hold what a stranger wrote: they must not fill the memory.
    if (notedAt.size > 1_000) notedAt.clear()
    notedAt.set(topic, now)
    write(pool, service, refusal).catch((error: unknown) => {
      log.debug('fault', { error, during: 'ingress news' })
    })
  }
}

async function write(pool: Pool, service: string, refusal: string | null): Promise<void> {
  await pool.query(
    `insert into ingress_news (service, heard_at, refused_at, refusal)
     values ($1, case when $2::text is null then now() end, case when $2 is not null then now() end, left($2, 1000))
     on conflict (service) do update set heard_at = coalesce(excluded.heard_at, ingress_news.heard_at), refused_at = coalesce(excluded.refused_at, ingress_news.refused_at),
       refusal = coalesce(excluded.refusal, ingress_news.refusal)`,
    [service, toTextOrNull(refusal)],
  )
}

/** By service; one that was never heard of is not there. */
export async function readIngressNews(pool: Pool): Promise<ReadonlyMap<string, IngressNews>> {
  const { rows } = await pool.query<{ service: string; heard_at: Date | null; refused_at: Date | null; refusal: string | null }>('select service, heard_at, refused_at, refusal from ingress_news')
  return new Map(rows.map((row) => [row.service, { heardAt: row.heard_at, refusedAt: row.refused_at, refusal: row.refusal }]))
}
