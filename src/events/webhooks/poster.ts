// Posts to subscribers: a few of them at once, each on its own, so that an unresponsive one delays neither others nor
// mail.

import type { Pool } from '../../db/pool.ts'
import type { Log } from '../../log.ts'
import { type Rounds, startRounds } from '../../queue/rounds.ts'
import { postDelivery, type Posting } from './post-delivery.ts'
import {
  claimSubscribers,
  type Delivery,
  keepSubscriber,
  postponeFollowers,
  readDue,
  releaseSubscriber,
} from './queue.ts'
import { findTarget, type Target } from './target.ts'

export interface PosterOptions extends Posting {
  readonly log: Log
  readonly pollMs: number
  /** Called when an outcome has changed rows, so that their events are announced. */
  readonly onWrote: () => void
}

const subscribersAtOnce = 8
const postsAtOnce = 8

/** Starts at once; `stop` finishes the posts under way. */
export function createPoster(options: PosterOptions): Rounds {
  const { pool, log, pollMs } = options
  const serving = new Map<string, Promise<void>>()
  let stopped = false
  const onFault = (error: unknown): void => {
    log.warn('fault', { error, during: 'webhooks' })
  }
  const begin = (subscriber: string): void => {
    const served = serve(options, subscriber, () => stopped).catch((error: unknown) => {
      onFault(error)
      return false
    })
    serving.set(
      subscriber,
      served.then((more) => {
        serving.delete(subscriber)
        if (more) looking.wake()
      }),
    )
  }
  const looking = startRounds({
    pollMs,
    round: async () => {
      if (serving.size < subscribersAtOnce)
        for (const subscriber of await claimSubscribers(pool, subscribersAtOnce - serving.size)) begin(subscriber)
      return false
    },
    onFault,
  })

  return {
    wake: looking.wake,
    stop: async () => {
      stopped = true
      await looking.stop()
      await Promise.all(serving.values())
    },
  }
}

// Sends due events to one subscriber; returns whether to look again at once.
async function serve(options: PosterOptions, id: string, isStopped: () => boolean): Promise<boolean> {
  const { pool } = options
  try {
    const target = await findTarget(pool, id)
    if (target === null) {
      await forget(pool, id)
      return false
    }
    while (!isStopped() && (await keepSubscriber(pool, id))) {
      const due = await readDue(pool, id, postsAtOnce)
      if (due.length === 0) {
        await postponeFollowers(pool, id)
        return true
      }
      const results = await Promise.all(due.map((delivery) => postOne(options, delivery, { ...target, id })))
      if (results.some(({ rests }) => rests)) return false
    }
    return false
  } finally {
    await releaseSubscriber(pool, id)
  }
}

async function postOne(
  options: PosterOptions,
  delivery: Delivery,
  subscriber: Target & { readonly id: string },
): Promise<{ rests: boolean }> {
  const { outcome, error, rests } = await postDelivery(options, delivery, subscriber)
  const facts = {
    subscriber: subscriber.id,
    delivery: delivery.uuid,
    hook_event: delivery.event,
    attempts: delivery.attempts + 1,
    problem: error,
  }
  if (outcome === 'retry') options.log.info('webhook-retry', facts)
  if (outcome === 'given-up') options.log.warn('webhook-failed', facts)
  if (outcome === 'disabled')
    options.log.error('webhook-disabled', { subscriber: subscriber.id, account: delivery.accountId, problem: error })
  if (outcome === 'given-up' || outcome === 'disabled') options.onWrote()
  return { rests: rests || outcome === 'disabled' }
}

// Its subscriber is gone.
async function forget(pool: Pool, subscriber: string): Promise<void> {
  await pool.query(
    `
      update webhook_deliveries
      set state = 'skipped', finished_at = now()
      where subscriber = $1 and finished_at is null
    `,
    [subscriber],
  )
}
