// Resolves conversations that were inactive for as long as their account says (`auto_resolve_after` minutes), after the
// account's message, and with its label, if set. With `auto_resolve_ignore_waiting`, conversations in which the contact
// waits for an answer stay open.

import { type Pool, type Tx, withDeadlockRetry } from '../../db/pool.ts'
import { setStatus } from '../actions/change-status.ts'
import { setLabels } from '../actions/describe.ts'
import { lockConversation, type LockedConversation } from '../locked-conversation.ts'
import { type WriteDeps, writeMessage } from '../messages/create-message.ts'
import { templateMessage } from '../messages/new-message.ts'

interface Policy {
  readonly id: number
  readonly minutes: number
  readonly message: string | null
  readonly label: string | null
  readonly ignoresWaiting: boolean
}

const atOnce = 50
const by = { kind: 'system' } as const

/** Resolves those that are due in every account; how many. */
export async function autoResolve(deps: WriteDeps): Promise<number> {
  let resolved = 0
  for (const policy of await readPolicies(deps.pool)) {
    for (;;) {
      const part = await withDeadlockRetry(deps.pool, (tx) => resolvePart(tx, policy, deps))
      resolved += part
      if (part < atOnce) break
    }
  }
  if (resolved > 0) deps.wake()
  return resolved
}

async function readPolicies(pool: Pool): Promise<Policy[]> {
  const { rows } = await pool.query<Policy>(
    `
      select
        id,
        (settings ->> 'auto_resolve_after')::float8 as minutes,
        nullif(btrim(settings ->> 'auto_resolve_message'), '') as message,
        nullif(btrim(settings ->> 'auto_resolve_label'), '') as label,
        coalesce(settings -> 'auto_resolve_ignore_waiting' = 'true'::jsonb, false) as "ignoresWaiting"
      from accounts
      where status = 'active' and jsonb_typeof(settings -> 'auto_resolve_after') = 'number'
    `,
  )
  return rows.filter(({ minutes }) => minutes > 0)
}

async function resolvePart(tx: Tx, policy: Policy, deps: WriteDeps): Promise<number> {
  const { rows } = await tx.query<{ id: number }>(
    `
      select id
      from conversations
      where account_id = $1
        and status = 'open'
        and last_activity_at < now() - $2 * interval '1 minute'
        and (not $3 or waiting_since is null)
      order by last_activity_at
      limit $4
      for no key update skip locked
    `,
    [policy.id, policy.minutes, policy.ignoresWaiting, atOnce],
  )
  for (const { id } of rows) {
    const locked = await lockConversation(tx, id)
    if (locked !== null) await resolve(tx, locked, { policy, deps })
  }
  return rows.length
}

async function resolve(
  tx: Tx,
  locked: LockedConversation,
  { policy, deps }: { readonly policy: Policy; readonly deps: WriteDeps },
): Promise<void> {
  if (policy.message !== null) {
    await writeMessage(tx, locked.id, { ...deps, message: templateMessage(policy.message) })
  }
  if (policy.label !== null) await setLabels(tx, locked, { labels: [...locked.labels, policy.label], by })
  await setStatus(tx, locked, {
    status: 'resolved',
    snoozedUntil: null,
    by,
    sentence: `Conversation was marked resolved by system due to ${inactivity(policy.minutes)} of inactivity`,
  })
}

// In the largest unit without a remainder, in Chatwoot's words.
function inactivity(minutes: number): string {
  if (minutes % 1_440 === 0) return `${String(minutes / 1_440)} days`
  return minutes % 60 === 0 ? `${String(minutes / 60)} hours` : `${String(minutes)} minutes`
}
