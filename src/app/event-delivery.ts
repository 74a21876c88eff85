// Delivery of events: the announcer puts them in order, the poster calls webhooks, streams serve the clients of this
// process. The first two run where work is done.

import { presentWebhook } from '../api/present/webhook-payload.ts'
import type { Config } from '../config.ts'
import type { Database } from '../db/open.ts'
import { createAnnouncer } from '../events/announcer.ts'
import { findEvent } from '../events/list-events.ts'
import { readEvents } from '../events/read-events.ts'
import { createStreams } from '../events/streams.ts'
import type { RenderWebhook } from '../events/webhooks/post-delivery.ts'
import { createPoster } from '../events/webhooks/poster.ts'
import { createGuardedPost } from '../http-client/guarded-post.ts'
import type { Log } from '../log.ts'
import type { WakeBus } from './wake-bus.ts'

export interface EventDeliveryDeps {
  readonly config: Config
  readonly log: Log
  readonly database: Pick<Database, 'pool' | 'db'>
}

const pollMs = 1_000

/** Starts it. */
export function startEventDelivery({ config, log, database }: EventDeliveryDeps, wakeBus: WakeBus) {
  const { pool, db } = database
  const streams = createStreams({ db, pool, log, pollMs })
  wakeBus.subscribe('announced', streams.wake)
  const posting = config.RUN_WORKER ? startPosting({ config, log, database }, wakeBus) : null
  return {
    streams,
    stop: async (): Promise<void> => {
      streams.stop()
      await posting?.stop()
    },
  }
}

function startPosting({ config, log, database }: EventDeliveryDeps, wakeBus: WakeBus) {
  const { pool } = database
  const posting = {
    pool,
    post: createGuardedPost(config.SAFE_URL_ALLOW),
    render: createRender(database, config.PUBLIC_URL),
    timeoutMs: config.WEBHOOK_TIMEOUT_MS,
  }
  const poster = createPoster({
    ...{ ...posting, log, pollMs },
    onWrote: wakeBus.notifier('events'),
  })
  const announcer = createAnnouncer({
    pool,
    log,
    pollMs,
    onAnnounced: wakeBus.notifier('announced'),
    onWork: wakeBus.notifier('work'),
  })
  wakeBus.subscribe('announced', poster.wake)
  wakeBus.subscribe('events', announcer.wake)
  return {
    stop: async (): Promise<void> => {
      await Promise.all([announcer.stop(), poster.stop()])
    },
  }
}

/** Renders the payload of a webhook from the event's rows. */
export function createRender(sql: Pick<Database, 'pool' | 'db'>, publicUrl: string): RenderWebhook {
  return async ({ accountId, position, event: name }) => {
    const event = await findEvent(sql.pool, accountId, position)
    const [details] = event === null ? [] : await readEvents(sql, accountId, [event])
    return details === undefined ? null : presentWebhook(details, name, publicUrl)
  }
}
