// Writes the delivery state of a mail on its message, for users and clients.

import { toJsonb, toText } from '../db/json.ts'
import type { Pool } from '../db/pool.ts'

/** Writes the delivery state on the message. A report that came first keeps its state. */
export async function noteDelivery(
  pool: Pool,
  messageIds: readonly number[],
  delivery: Readonly<Record<string, unknown>>,
): Promise<void> {
  await pool.query(
    `
      update messages
      set
        updated_at = now(),
        content_attributes = content_attributes || jsonb_build_object(
          'delivery',
          coalesce(content_attributes -> 'delivery', '{}') || case
            when content_attributes #>> '{delivery,state}' in (
              'bounced', 'read', 'complained'
            ) then $2::jsonb - 'state'
            else $2::jsonb
          end
        )
      where id = any($1)
    `,
    [messageIds, toJsonb(delivery)],
  )
}

/** The last attempt failed, or the mail was refused for good. A message that was read by another way stays read. */
export async function noteFailure(pool: Pool, messageId: number, error: string): Promise<void> {
  await pool.query(
    `update messages set
       updated_at = now(),
       status = case when status = 'read' then status else 'failed' end,
       content_attributes = content_attributes
         || case when status = 'read' then '{}' else jsonb_build_object('external_error', $2::text) end
         || jsonb_build_object(
           'delivery',
           coalesce(content_attributes -> 'delivery', '{}') || jsonb_build_object('state', 'failed', 'error', $2::text)
         )
     where id = $1`,
    [messageId, toText(error.slice(0, 1000))],
  )
}
