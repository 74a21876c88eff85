// Does the work rows of a test's database, as a worker would, until none is due.

import type { Pool } from '../../src/db/pool.ts'
import type { Handlers } from '../../src/queue/runner.ts'
import { createRunner } from '../../src/queue/runner.ts'
import { until } from './until.ts'

/** Runs those kinds of work that there are handlers for; resolves when none of them is left to do. */
export async function doWork(pool: Pool, handlers: Partial<Handlers>): Promise<void> {
  const only = Object.keys(handlers) as (keyof Handlers)[]
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  const runner = createRunner({ pool, log, handlers, pollMs: 50, lane: { atOnce: 2, only } })
  try {
    await until(
      'all work done',
      async () =>
        (await pool.query('select 1 from work where kind = any($1) and failed_at is null', [only])).rowCount === 0,
    )
  } finally {
    await runner.stop()
  }
}
