// Acceptance of mails that a provider stores and has only announced: a row without raw bytes, visible as pending, and
// the work that fetches them, in one commit. The notice is acknowledged after that.

import { createHash } from 'node:crypto'

import { toJsonb, toTextOrNull } from '../db/json.ts'
import { inTransaction, type Pool, queryOne } from '../db/pool.ts'
import { toMailError } from '../errors.ts'
import type { MailNotice } from '../mail/envelope.ts'
import { enqueue } from '../queue/work.ts'
import type { Accepted } from './acceptance/insert-group.ts'
import { consumeTokens } from './acceptance/one-time-tokens.ts'

/** Resolves once the notice and its work are on stable storage. Throws `MailError`: then nothing is stored. */
export type AcceptNotice = (notice: MailNotice) => Promise<Accepted>

/** `onWork` is called after each commit. */
export function createAcceptNotice(pool: Pool, onWork: () => void): AcceptNotice {
  return async (notice) => {
    try {
      const accepted = await insertNotice(pool, notice)
      if (!accepted.duplicate) onWork()
      return accepted
    } catch (error) {
      throw toMailError(error)
    }
  }
}

function insertNotice(pool: Pool, notice: MailNotice): Promise<Accepted> {
  const { ingress, envelope, peer, pointer } = notice
  const ownKey = keyOf(notice)
  return inTransaction(pool, async (tx) => {
    const [arrival = { key: ownKey }] = await consumeTokens(tx, [{ submission: notice, key: ownKey }])
    // Nothing claims a mail that is due at the end of time.
    const fresh = await queryOne<{ id: number }>(
      tx,
      `
        insert into inbound_emails (
          idempotency_key, ingress, reverse_path, recipients, peer, size, run_at, pointer
        )
        values ($1, $2, $3, $4, $5, 0, 'infinity', $6)
        on conflict (idempotency_key) do nothing
        returning id
      `,
      [
        arrival.key,
        ingress,
        toTextOrNull(envelope.reversePath),
        envelope.recipients.map((address) => toTextOrNull(address)),
        toJsonb(peer),
        toJsonb(pointer),
      ],
    )
    if (fresh !== null) {
      await enqueue(tx, [
        { kind: 'fetch-mail', key: `fetch-${String(fresh.id)}`, payload: { inboundEmailId: fresh.id } },
      ])
      return { id: fresh.id, duplicate: false }
    }
    const known = await queryOne<{ id: number }>(tx, 'select id from inbound_emails where idempotency_key = $1', [
      arrival.key,
    ])
    if (known === null) throw new Error('a notice was neither new nor known')
    return { id: known.id, duplicate: true }
  })
}

// One mail to two recipients may be announced twice, each time for one of them, under one id: both are wanted.
function keyOf({ ingress, key, envelope }: MailNotice): Buffer {
  const recipients = [...new Set(envelope.recipients.map((address) => address.toLowerCase()))].sort()
  return createHash('sha256')
    .update(['notice', ingress, key, ...recipients].join('\0'))
    .digest()
}
