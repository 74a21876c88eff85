// The line of `doctor` on quotas: accounts, visitors and networks at or near their limit of today.

import type { Config } from '../../config.ts'
import type { Database } from '../../db/open.ts'
import { readStoredToday } from '../../queue/quotas.ts'
import { quotaLimits } from '../quota-at-acceptance.ts'

const near = 0.8
const shownAtMost = 5

/** Passes, or warns from four fifths of a quota on. Throws when the database does not answer. */
export async function examineQuotas({ config, database }: { readonly config: Config; readonly database: Database }) {
  const most = quotaLimits(config)
  const high = (await readStoredToday(database.pool)).flatMap(({ key, bytes }) => {
    const kind = key.slice(0, key.indexOf(':')) as keyof typeof most
    const part = bytes / (most[kind] ?? Infinity)
    const name = `${kind} ${key.slice(kind.length + 1)}`
    return part < near
      ? []
      : [`${name} has used ${String(Math.round(part * 100))} % of QUOTA_${kind.toUpperCase()}_BYTES`]
  })
  if (high.length === 0)
    return { ok: true, detail: 'no client, account or visitor has used four fifths of its daily quota' }
  const more = high.length > shownAtMost ? `, and ${String(high.length - shownAtMost)} more` : ''
  return {
    ok: true,
    attention: true,
    detail: `${high.slice(0, shownAtMost).join('; ')}${more}. Requests above the quota are deferred.`,
  }
}
