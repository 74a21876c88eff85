// The one writer of a mail's life line: the sender, the reports that come back and the webhooks of providers call it.
// Every change is an event `message_updated`. Hard bounces and complaints that can be believed suppress the address.

import type { DeliveryUpdate } from '../../contracts/delivery.ts'
import { toJsonb, toText } from '../../db/json.ts'
import { inTransaction, type Pool, type Tx } from '../../db/pool.ts'
import type { Json, MessageStatus } from '../records/rows.ts'
import { advance, type Advanced, type Delivery, restart } from './advance.ts'
import { suppressReported } from './suppress.ts'

interface Stored {
  readonly id: number
  readonly account_id: number
  readonly conversation_id: number
  readonly status: MessageStatus
  readonly content_attributes: Json
}

/** A message on which an update was written. */
export interface Recorded {
  readonly messageId: number
  readonly conversationId: number
}

const maxErrorLength = 1_000

/** Writes the update on messages, in a transaction of its own. One that comes late changes no state. */
export async function recordDelivery(
  pool: Pool,
  messageIds: readonly number[],
  update: DeliveryUpdate,
): Promise<Recorded[]> {
  return inTransaction(pool, (tx) => recordDeliveryIn(tx, messageIds, update))
}

/** As `recordDelivery`, in the caller's transaction; messages that are gone are left out. */
export async function recordDeliveryIn(
  tx: Tx,
  messageIds: readonly number[],
  update: DeliveryUpdate,
): Promise<Recorded[]> {
  const stored = await lockMessages(tx, messageIds)
  for (const message of stored) {
    const next = advance({ delivery: deliveryOf(message.content_attributes), status: message.status }, update)
    await write(tx, message.id, next)
    await suppressReported(tx, { accountId: message.account_id, messageId: message.id }, { ...next, update })
  }
  return stored.map(({ id, conversation_id: conversationId }) => ({ messageId: id, conversationId }))
}

/** Sets a message back to `queued` for those who did not get its mail; its error is forgotten. */
export async function restartDelivery(tx: Tx, messageId: number): Promise<void> {
  const [message] = await lockMessages(tx, [messageId])
  if (message === undefined) return
  const { content_attributes: attributes } = message
  const next = 'delivery' in attributes ? { delivery: restart(deliveryOf(attributes)) } : {}
  await tx.query(
    `update messages set
       status = 'sent',
       updated_at = now(),
       content_attributes = (content_attributes - 'external_error') || $2::jsonb
     where id = $1`,
    [messageId, toJsonb(next)],
  )
}

/** The life line in the attributes of a message. Never throws. */
export function deliveryOf(attributes: Json): Delivery {
  const { delivery } = attributes
  return typeof delivery === 'object' && delivery !== null && !Array.isArray(delivery) ? (delivery as Delivery) : {}
}

async function lockMessages(tx: Tx, messageIds: readonly number[]): Promise<Stored[]> {
  const { rows } = await tx.query<Stored>(
    `select id,
       account_id,
       conversation_id,
       status,
       content_attributes
     from messages
     where id = any($1)
     order by id
     for no key update`,
    [messageIds],
  )
  return rows
}

async function write(tx: Tx, messageId: number, { delivery, status, error }: Advanced): Promise<void> {
  await tx.query(
    `update messages set
       updated_at = now(),
       status = $3::message_status,
       content_attributes = content_attributes
         || jsonb_build_object('delivery', $2::jsonb)
         || case when $4::text is null then '{}' else jsonb_build_object('external_error', $4::text) end
     where id = $1`,
    [messageId, toJsonb(delivery), status, error === undefined ? null : toText(error.slice(0, maxErrorLength))],
  )
}
