// Tokens that are valid for one mail (Mailgun signs nothing else): consumed in the transaction that stores it, and in
// no other. A token shown again returns the mail that it was used for: a provider's retry is acknowledged, a forger's
// other mail is not stored.

import { toText } from '../../db/json.ts'
import type { Sql, Tx } from '../../db/pool.ts'
import type { OneTimeToken } from '../../mail/envelope.ts'

interface Bearer {
  readonly submission: { readonly ingress: string; readonly once?: OneTimeToken }
  readonly key: Buffer
}

/**
 * The arrivals, each under the key of the mail that its token was first used for: its own, or one that is there
 * already.
 */
export async function consumeTokens<Arrival extends Bearer>(tx: Tx, arrivals: readonly Arrival[]): Promise<Arrival[]> {
  const keyed = [...arrivals]
  for (const { arrival, once, at } of inOrder(arrivals))
    keyed[at] = { ...arrival, key: await consume(tx, { service: arrival.submission.ingress, once, key: arrival.key }) }
  return keyed
}

// In the order of the tokens, so that two groups with tokens in common never wait for each other in a circle; of one
// token the first counts.
function inOrder<Arrival extends Bearer>(
  arrivals: readonly Arrival[],
): { arrival: Arrival; once: OneTimeToken; at: number }[] {
  const bearers = arrivals.flatMap((arrival, at) =>
    arrival.submission.once === undefined ? [] : [{ arrival, once: arrival.submission.once, at }],
  )
  return bearers.sort((one, other) => {
    if (one.once.token === other.once.token) return one.at - other.at
    return one.once.token < other.once.token ? -1 : 1
  })
}

async function consume(
  tx: Tx,
  { service, once, key }: { service: string; once: OneTimeToken; key: Buffer },
): Promise<Buffer> {
  // A second statement sees what another connection has just committed.
  await tx.query(
    `
      insert into one_time_tokens (service, token, idempotency_key, expires_at)
      values ($1, $2, $3, now() + $4 * interval '1 second')
      on conflict (service, token) do nothing
    `,
    [service, toText(once.token), key, once.keepSeconds],
  )
  const { rows } = await tx.query<{ idempotency_key: Buffer }>(
    'select idempotency_key from one_time_tokens where service = $1 and token = $2',
    [service, toText(once.token)],
  )
  return rows[0]?.idempotency_key ?? key
}

/** Deletes expired tokens; returns how many. */
export async function forgetTokens(sql: Sql): Promise<number> {
  const { rowCount } = await sql.query('delete from one_time_tokens where expires_at < now()')
  return rowCount ?? 0
}
