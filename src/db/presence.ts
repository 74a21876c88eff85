// Shows the other processes on this database that we live: an advisory lock under our number, in a session of its
// own, which the server ends when we die, however we die. Rows that we lease carry the number, so that whoever looks
// can tell mail in hand from mail whose hands are gone (store/feed/sweep) without waiting for the end of its lease.
// Where no session can be held, that end is what is left.

import { randomInt } from 'node:crypto'

import { keepSession } from './kept-session.ts'
import type { Connection } from './pool.ts'

/** The first half of the lock's key: "rthr". */
export const presenceKey = 0x72746872

/** A number that no other process has. */
export function newOwner(): number {
  return randomInt(1, 2 ** 31 - 1)
}

/** Holds the lock until it is closed. Throws when there is no database. */
export function showPresence({
  connection,
  owner,
}: {
  readonly connection: Connection
  readonly owner: number
}): Promise<{ close: () => Promise<void> }> {
  return keepSession({
    connection,
    begin: async (session) => {
      // The server may not have noticed yet that the session before is gone; then this waits for it.
      await session.query('select pg_advisory_lock($1, $2)', [presenceKey, owner])
    },
    onLost: () => undefined,
    reconnectMs: 250,
  })
}
