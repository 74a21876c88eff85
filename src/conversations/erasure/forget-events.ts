// Removes an erased person's data from events, announced or not; the deletion event itself stays.

import type { Tx } from '../../db/pool.ts'

interface Erased {
  readonly accountId: number
  readonly contactId: number
  readonly conversationIds: readonly number[]
  readonly messageIds: readonly number[]
}

/**
 * Deletes the events of a contact, of conversations and of messages, and their webhook deliveries, in the caller's
 * transaction.
 */
export async function forgetEvents(
  tx: Tx,
  { accountId, contactId, conversationIds, messageIds }: Erased,
): Promise<void> {
  await tx.query(
    `
      with gone as (
        delete from events
        where account_id = $1
          and name <> 'contact_deleted'
          and (contact_id = $2 or conversation_id = any($3) or message_id = any($4))
        returning position
      )
      delete from webhook_deliveries where account_id = $1 and position in (select position from gone)
    `,
    [accountId, contactId, conversationIds, messageIds],
  )
}

/**
 * Removes the text of erased messages from their events and webhook deliveries; receivers get the remaining fields. Of
 * changes in this transaction only the final values stay.
 */
export async function forgetWords(tx: Tx, messageIds: readonly number[]): Promise<void> {
  if (messageIds.length === 0) return
  await tx.query(
    `update events e set
       facts = null,
       changes = case when e.tx = txid_current() then (
         select jsonb_object_agg(c.key, c.value || '{"previous_value": null}')
         from jsonb_each(e.changes) c
       ) end
     where e.message_id = any($1)`,
    [messageIds],
  )
  await tx.query('update webhook_deliveries set body = null where message_id = any($1)', [messageIds])
}
