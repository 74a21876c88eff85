// Heads of mail that trusted relays handed over lately, for `doctor`: whether the relay writes its
// Authentication-Results, and takes out forged ones.

import type { Pool } from '../db/pool.ts'

/** Longer heads are cut here. */
const maxHeadBytes = 64 * 1024
/** Mails looked through for some that came from a relay. */
const maxMails = 1000

export interface RelayedHead {
  readonly inboundEmailId: number
  readonly head: Buffer
}

/** The first bytes of the latest mails of trusted relays, newest first. Throws when the database is away. */
export async function readRelayedHeads(pool: Pool, limit: number): Promise<RelayedHead[]> {
  const { rows } = await pool.query<{ id: number; head: Buffer }>(
    `with lately as (
       select id, raw_id, peer
       from inbound_emails
       order by id desc
       limit $1
     )
     select l.id, substring(r.bytes from 1 for $2) as head
     from lately l
     join raw_emails r on r.id = l.raw_id
     where l.peer ->> 'trusted' = 'true'
     order by l.id desc
     limit $3`,
    [maxMails, maxHeadBytes, limit],
  )
  return rows.map(({ id, head }) => ({ inboundEmailId: id, head }))
}
