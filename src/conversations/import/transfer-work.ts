// The handlers of work on files of contacts.

import type { Pool } from '../../db/pool.ts'
import type { Handlers } from '../../queue/runner.ts'
import { exportContacts } from './export-contacts.ts'
import { endTransfer, importContacts } from './import-contacts.ts'
import { purgeNamed } from './purge-transfers.ts'

/** `onDone` is called when there is a mail to send. */
export function createTransferHandlers({
  pool,
  onDone,
}: {
  readonly pool: Pool
  readonly onDone: () => void
}): Pick<Handlers, 'import-contacts' | 'export-contacts' | 'forget-transfers'> {
  return {
    'import-contacts': {
      run: async ({ transferId }) => {
        await importContacts(pool, transferId)
        onDone()
      },
      onGiveUp: ({ transferId }, error) =>
        endTransfer(
          pool,
          transferId,
          `The import was given up: ${error}. The rows that were counted are there; send the file again to go on.`,
        ),
    },
    'export-contacts': {
      run: async ({ transferId }) => {
        await exportContacts(pool, transferId)
        onDone()
      },
      onGiveUp: ({ transferId }, error) => endTransfer(pool, transferId, `The export was given up: ${error}`),
    },
    'forget-transfers': { run: ({ accountId }) => purgeNamed(pool, accountId) },
  }
}
