// Shows the other processes on this database that this one is alive: an advisory lock under its number, in a session of
// its own, which the server ends when the process dies, however it dies. Leased rows carry the number, so that a sweep
// (store/feed/sweep) can tell mail in progress from mail of a dead process without waiting for the end of its lease. If
// no session can be held, the end of the lease remains.

import { randomInt } from 'node:crypto'

import { openSession } from './persistent-session.ts'
import type { Connection } from './pool.ts'

/** The first half of the lock's key: "rthr". */
export const presenceKey = 0x72746872

/** A number that no other process has. */
export function newOwner(): number {
  return randomInt(1, 2 ** 31 - 1)
}

/** Holds the lock until it is closed. Throws if there is no database. */
export function showPresence({
  connection,
  owner,
}: {
  readonly connection: Connection
  readonly owner: number
}): Promise<{ close: () => Promise<void> }> {
  return openSession({
    connection,
    begin: async (session) => {
      // The server may not have noticed yet that the session before is gone; then this waits for it.
      await session.query('select pg_advisory_lock($1, $2)', [presenceKey, owner])
    },
    onLost: () => undefined,
    reconnectMs: 250,
  })
}
