// `doctor --dns`: does the clock of this machine agree with that of the database server? Leases, expiry and DKIM depend
// on it.

import type { Database } from '../../../db/open.ts'
import { fail, type Finding, look, pass } from '../finding.ts'

const tolerated = { ms: 2_000, fault: 60_000 }

/** Throws when the database does not answer. */
export async function examineClock({
  pool,
  embeddedFolder,
}: Pick<Database, 'pool' | 'embeddedFolder'>): Promise<Finding> {
  if (embeddedFolder !== null)
    return pass(`${new Date().toISOString()}; the database is on this machine, and there is no other clock to compare`)
  const before = Date.now()
  const { rows } = await pool.query<{ now: Date }>('select clock_timestamp() as now')
  const after = Date.now()
  const off = Math.round((before + after) / 2 - (rows[0]?.now.getTime() ?? 0))
  const apart = Math.max(0, Math.abs(off) - (after - before) / 2)
  const seconds = (Math.abs(off) / 1000).toFixed(1)
  const says = `this machine is ${seconds} s ${off < 0 ? 'behind' : 'ahead of'} the database server`
  if (apart > tolerated.fault)
    return fail(`${says}: mail bears wrong times, and links and codes expire at wrong moments. Start NTP on both.`)
  return apart > tolerated.ms ? look(`${says}. Is NTP running on both?`) : pass('agrees with the database server')
}
