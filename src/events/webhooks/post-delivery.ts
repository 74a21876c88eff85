// One attempt of a delivery: the body is made at the first and stored, so that every attempt has the same body and id.

import type { Pool } from '../../db/pool.ts'
import { toMailError } from '../../errors.ts'
import { type Attempt, type Outcome, settleAttempt } from './outcome.ts'
import { type PostOnce, postOnce } from './post-once.ts'
import { type Delivery, keepBody, skip } from './queue.ts'
import type { Target } from './target.ts'

/**
 * The payload of an event under the delivery's event name; null when there is nothing to send. app.ts passes it:
 * presentation belongs to the API.
 */
export type RenderWebhook = (delivery: Pick<Delivery, 'accountId' | 'position' | 'event'>) => Promise<object | null>

export interface Posting extends PostOnce {
  readonly pool: Pool
  readonly render: RenderWebhook
}

/** The outcome, with its reason. Throws when it could not be recorded: then nothing has been decided. */
export async function postDelivery(
  posting: Posting,
  delivery: Delivery,
  subscriber: Target & { readonly id: string },
): Promise<{ outcome: Outcome | 'skipped'; error: string | null; rests: boolean }> {
  const { pool } = posting
  const body = await bodyOf(posting, delivery)
  if (body === null) {
    await skip(pool, delivery.id)
    return { outcome: 'skipped', error: null, rests: false }
  }
  const attempt =
    typeof body === 'string' ? await postOnce(posting, { body, deliveryId: delivery.uuid, target: subscriber }) : body
  return {
    outcome: await settleAttempt(pool, { delivery, attempt, subscriber }),
    error: attempt.error,
    rests: attempt.rests,
  }
}

// A payload that cannot be made is a failed attempt like any other, so that it does not block the deliveries behind it.
async function bodyOf({ pool, render }: Posting, delivery: Delivery): Promise<string | Attempt | null> {
  if (delivery.body !== null) return delivery.body
  try {
    const payload = await render(delivery)
    if (payload === null) return null
    const body = JSON.stringify(payload)
    await keepBody(pool, delivery.id, body)
    return body
  } catch (error) {
    if (toMailError(error).kind === 'unavailable') throw error
    return {
      status: null,
      excerpt: null,
      error: `it could not be put into words: ${toMailError(error).message}`,
      durationMs: 0,
      retryAfter: null,
      rests: false,
    }
  }
}
