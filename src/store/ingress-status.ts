// The status of each ingress service (last request, last refusal and its reason) for `doctor`, over all processes and
// restarts. Written apart from the mail, at most every two seconds per service; a fault here never affects a mail. The
// table has an older name, `ingress_news`.

import { toTextOrNull } from '../db/json.ts'
import type { Pool } from '../db/pool.ts'
import type { Log } from '../log.ts'

export interface IngressStatus {
  readonly lastRequestAt: Date | null
  readonly refusedAt: Date | null
  readonly refusal: string | null
}

const everyMs = 2_000
const noStatus: IngressStatus = { lastRequestAt: null, refusedAt: null, refusal: null }

/** Notes a request that was taken (null) or refused. Never throws. */
export function createIngressStatus(pool: Pool, log: Log) {
  const waiting = new Map<string, IngressStatus>()
  const resting = new Set<string>()
  const flush = (service: string): void => {
    const ingressStatus = waiting.get(service)
    if (ingressStatus === undefined || resting.has(service)) return
    waiting.delete(service)
    resting.add(service)
    setTimeout(() => {
      resting.delete(service)
      flush(service)
    }, everyMs).unref()
    write(pool, service, ingressStatus).catch((error: unknown) => {
      log.debug('fault', { error, during: 'ingress status' })
    })
  }
  return (service: string, refusal: string | null): void => {
    const before = waiting.get(service) ?? noStatus
    waiting.set(
      service,
      refusal === null ? { ...before, lastRequestAt: new Date() } : { ...before, refusedAt: new Date(), refusal },
    )
    flush(service)
  }
}

async function write(pool: Pool, service: string, { lastRequestAt, refusedAt, refusal }: IngressStatus): Promise<void> {
  await pool.query(
    `
      insert into ingress_news (service, heard_at, refused_at, refusal)
      values ($1, $2, $3, left($4, 1000))
      on conflict (service) do update
      set
        heard_at = coalesce(excluded.heard_at, ingress_news.heard_at),
        refused_at = coalesce(excluded.refused_at, ingress_news.refused_at),
        refusal = coalesce(excluded.refusal, ingress_news.refusal)
    `,
    [service, lastRequestAt, refusedAt, toTextOrNull(refusal)],
  )
}

/** By service; a service without requests is missing. */
export async function readIngressStatus(pool: Pool): Promise<ReadonlyMap<string, IngressStatus>> {
  const { rows } = await pool.query<{
    service: string
    last_request_at: Date | null
    refused_at: Date | null
    refusal: string | null
  }>('select service, heard_at as last_request_at, refused_at, refusal from ingress_news')
  return new Map(
    rows.map((row) => [
      row.service,
      { lastRequestAt: row.last_request_at, refusedAt: row.refused_at, refusal: row.refusal },
    ]),
  )
}
