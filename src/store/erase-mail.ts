// Erases a person's mail: every accepted mail that became a message of that person, and every other one from their
// addresses to the account. Each is incinerated as by hand.

import type { Pool, Tx } from '../db/pool.ts'
import { MailError } from '../errors.ts'
import type { Handler } from '../queue/runner.ts'
import { createInboundEmails } from './inbound-email.ts'

interface Erasing {
  readonly accountId: number
  readonly inboundEmailIds: readonly number[]
  readonly addresses: readonly string[]
}

/** `erase` empties the message of a mail. */
export function createEraseHandler(
  pool: Pool,
  erase: (tx: Tx, inboundEmailId: number) => Promise<void>,
): Handler<Erasing> {
  const rows = createInboundEmails(pool, { deliveredDays: 0, undeliveredDays: 0 })
  return {
    run: async ({ accountId, inboundEmailIds, addresses }) => {
      const { rows: found } = await pool.query<{ id: number }>(
        `
          select id
          from inbound_emails
          where erased_at is null
            and (id = any($2::bigint[]) or (account_id = $1 and lower(from_address) = any($3::text[])))
          order by id
        `,
        [accountId, inboundEmailIds, addresses],
      )
      for (const { id } of found) await incinerate(id)
    },
  }

  async function incinerate(id: number): Promise<void> {
    try {
      await rows.incinerate({ accountId: null }, id, erase)
    } catch (error) {
      // Under way just now: later.
      if (error instanceof MailError && error.kind === 'conflict')
        throw new MailError('unavailable', error.message, { cause: error })
      throw error
    }
  }
}
