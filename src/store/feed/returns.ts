// Returns mails that the pipeline could not process to the table. If the database is down (which may be why they
// failed) they are kept and retried; otherwise they would wait for the end of their lease.

import type { StoredMail } from '../../contracts/stored-mail.ts'
import type { Pool } from '../../db/pool.ts'
import type { Log } from '../../log.ts'
import { WaitError } from './ahead.ts'
import { returnMail } from './claim.ts'

type Returned = { readonly mail: Pick<StoredMail, 'id' | 'attempts' | 'waits'>; readonly error: unknown }

/** The mails to be returned. */
export function createReturns({ pool, log }: { readonly pool: Pool; readonly log: Log }) {
  const pending: Returned[] = []
  const flush = async (): Promise<void> => {
    for (let one = pending.shift(); one !== undefined; one = pending.shift()) {
      const { mail, error } = one
      const isEnd = await returnMail(pool, mail, error).catch((fault: unknown) => {
        pending.unshift({ mail, error })
        throw fault
      })
      if (error instanceof WaitError) {
        log.debug('put-off', { inboundEmail: mail.id, for: error.inboundEmailId })
        continue
      }
      log[isEnd ? 'error' : 'warn'](isEnd ? 'failed' : 'retry', {
        inboundEmail: mail.id,
        attempts: mail.attempts,
        error,
      })
    }
  }
  return {
    /** `mail` is not needed any more: its raw bytes are in the table. */
    add: ({ id, attempts, waits }: StoredMail, error: unknown): void => {
      pending.push({ mail: { id, attempts, waits }, error })
    },
    /** Returns all mails that are pending here. Throws when the database is away, and keeps the rest. */
    flush,
    /** The same, not awaited. */
    retry: (): void => {
      flush().catch((error: unknown) => {
        log.warn('fault', { error, during: 'give back' })
      })
    },
  }
}
