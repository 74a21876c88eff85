// Which mails of a batch have to wait for a mail ahead in their thread. Used by the pipeline: a reply that is routed
// before the mail that it answers is appended would begin a conversation of its own.

import type { Verdict } from './contracts/decision.ts'
import type { StoredMail } from './contracts/stored-mail.ts'
import type { TraceEntry } from './contracts/trace.ts'
import type { ParsedMail } from './mail/parsed-mail.ts'
import { answeredIds } from './routing/by-thread.ts'
import { type Ahead, type AheadMail, type Follower, maxWaits, WaitError } from './store/feed/ahead.ts'

export interface Pair {
  readonly mail: StoredMail
  readonly parsed: ParsedMail
}

/** `waitedFor`: the inbound email that it was put off for, or null. */
export type Waiting = Pair & { readonly waitedFor: number | null }
export interface Result {
  readonly inboundEmailId: number
  readonly error: unknown
}

export interface ThreadOrderDeps {
  readonly findAhead: (followers: readonly Follower[]) => Promise<readonly Ahead[]>
  readonly readAhead: (ids: readonly number[]) => Promise<readonly AheadMail[]>
  readonly parse: (mails: readonly Pick<StoredMail, 'raw' | 'envelope'>[]) => Promise<readonly ParsedMail[]>
  readonly routeMail: (mail: Pick<StoredMail, 'envelope' | 'peer'>, parsed: ParsedMail) => Promise<Verdict>
}

/** By the id of a mail that has to wait: the inbound email id of one that it waits for. */
export type Blocked = ReadonlyMap<number, number>

/** Called before a mail is routed: mail that is settled in between is found by routing. Throws when a lookup does. */
export function createThreadOrder(deps: ThreadOrderDeps): (pairs: readonly Pair[]) => Promise<Blocked> {
  return async (pairs) => {
    const followers = pairs
      .filter(({ mail }) => mail.waits < maxWaits)
      .map(({ mail, parsed }) => ({ id: mail.id, answers: answeredIds(parsed) }))
    const found = await deps.findAhead(followers)
    if (found.length === 0) return new Map()
    const accountsAhead = await findAccounts(deps, pairs, [...new Set(found.map(({ id }) => id))])
    const followed = pairs.filter(({ mail }) => found.some(({ followerId }) => followerId === mail.id))
    const blocked = await Promise.all(
      followed.map(async ({ mail, parsed }) => {
        const { accountId } = await deps.routeMail(mail, parsed)
        const ahead = found.find(
          ({ followerId, id, knownTo }) =>
            followerId === mail.id && isSameAccount(accountId, accountsAhead.get(id) ?? [], knownTo),
        )
        return ahead === undefined ? [] : [[mail.id, ahead.id] as const]
      }),
    )
    return new Map(blocked.flat())
  }
}

// A mail does not wait for mail of another account, or for a second copy of a mail that is appended.
function isSameAccount(own: number | null, ahead: readonly number[], knownTo: readonly number[]): boolean {
  return own === null || (ahead.includes(own) && !knownTo.includes(own))
}

// The accounts of the mails ahead, split copies included: those of this batch are parsed already.
async function findAccounts(
  deps: ThreadOrderDeps,
  pairs: readonly Pair[],
  ids: readonly number[],
): Promise<Map<number, number[]>> {
  const here = pairs.filter(({ mail }) => ids.includes(mail.id))
  const elsewhere = await deps.readAhead(ids.filter((id) => !here.some(({ mail }) => mail.id === id)))
  const parsed = await deps.parse(elsewhere)
  const ahead = [
    ...here,
    ...elsewhere.flatMap((mail, index) => (parsed[index] === undefined ? [] : [{ mail, parsed: parsed[index] }])),
  ]
  const accounts = await Promise.all(
    ahead.map(async (one) => [one.mail.id, await accountsOf(deps, one.mail, one.parsed)] as const),
  )
  return new Map(accounts)
}

async function accountsOf({ routeMail }: ThreadOrderDeps, mail: AheadMail, parsed: ParsedMail): Promise<number[]> {
  const { accountId, siblings } = await routeMail(mail, parsed)
  const others = await Promise.all(
    siblings.map((recipients) => routeMail({ ...mail, envelope: { ...mail.envelope, recipients } }, parsed)),
  )
  return [accountId, ...others.map((other) => other.accountId)].filter((id) => id !== null)
}

interface Rounds {
  readonly findBlocked: (pairs: readonly Pair[]) => Promise<Blocked>
  readonly run: (pairs: readonly Waiting[]) => Promise<readonly Result[]>
}

/**
 * Runs blocked mails round by round, as those ahead of them are settled; a mail that waits for one elsewhere ends
 * with a `WaitError`.
 */
export async function runInRounds(pairs: readonly Pair[], before: Blocked, { findBlocked, run }: Rounds) {
  const done: Result[] = []
  let left = pairs
  let blocked = before
  while (left.length > 0) {
    const last = blocked
    blocked = await findBlocked(left)
    const free = left.filter(({ mail }) => !blocked.has(mail.id))
    if (free.length === 0) break
    left = left.filter(({ mail }) => blocked.has(mail.id))
    done.push(...(await run(free.map((pair) => ({ ...pair, waitedFor: last.get(pair.mail.id) ?? null })))))
  }
  const waits = left.map(({ mail }) => ({
    inboundEmailId: mail.id,
    error: new WaitError(blocked.get(mail.id) ?? mail.id),
  }))
  return [...done, ...waits]
}

/** The trace entry of the waiting; `aheadId` null for a mail that has not waited. Never throws. */
export function waitedEntry(mail: Pick<StoredMail, 'waits'>, aheadId: number | null): TraceEntry[] {
  if (aheadId === null) return []
  const ahead = `inbound email ${String(aheadId)}`
  return mail.waits < maxWaits
    ? [{ step: 'conversation', outcome: 'waited', detail: `it waited for ${ahead}, which it answers` }]
    : [
        {
          step: 'conversation',
          outcome: 'waited-too-long',
          detail: `it waited for ${ahead}, which it answers and which was not settled within two minutes`,
        },
      ]
}
