// The display id of a conversation: 1, 2, 3 … in each account. Taken from the account's row inside the transaction that
// opens the conversation, so that it is unique.

import { queryOne, type Sql } from '../db/pool.ts'
import { MailError } from '../errors.ts'

/**
 * The account's next display id. The account's row stays locked until the transaction ends. Throws
 * `MailError('not-found')` when there is no such account.
 */
export async function nextDisplayId(tx: Sql, accountId: number): Promise<number> {
  const row = await queryOne<{ last_display_id: number }>(
    tx,
    'update accounts set last_display_id = last_display_id + 1 where id = $1 returning last_display_id',
    [accountId],
  )
  if (row === null) throw new MailError('not-found', `there is no account ${String(accountId)}`)
  return row.last_display_id
}
