// How what happened is told: the announcer gives it its order, the poster tells webhooks, streams tell whoever
// listens at this process. The first two run where work is done.

import { presentWebhook } from '../api/present/webhook-payload.ts'
import type { Config } from '../config.ts'
import type { Database } from '../db/open.ts'
import { createAnnouncer } from '../events/announcer.ts'
import { findEvent, readEvents } from '../events/read-events.ts'
import { createStreams } from '../events/streams.ts'
import type { RenderWebhook } from '../events/webhooks/post-delivery.ts'
import { createPoster } from '../events/webhooks/poster.ts'
import { createGuardedPost } from '../http-client/guarded-post.ts'
import type { Log } from '../log.ts'
import type { Bell } from './wake-bus.ts'

export interface NewsParts {
  readonly config: Config
  readonly log: Log
  readonly database: Pick<Database, 'pool' | 'db'>
}

const pollMs = 1_000

/** Starts it. */
export function startNews({ config, log, database }: NewsParts, bell: Bell) {
  const { pool, db } = database
  const streams = createStreams({ db, pool, log, pollMs })
  bell.hear('announced', streams.wake)
  const tellers = config.RUN_WORKER ? startTellers({ config, log, database }, bell) : null
  return {
    streams,
    stop: async (): Promise<void> => {
      streams.stop()
      await tellers?.stop()
    },
  }
}

function startTellers({ config, log, database }: NewsParts, bell: Bell) {
  const { pool } = database
  const posting = {
    pool,
    post: createGuardedPost(config.SAFE_URL_ALLOW),
    render: createRender(database, config.PUBLIC_URL),
    timeoutMs: config.WEBHOOK_TIMEOUT_MS,
  }
  const poster = createPoster({
    ...{ ...posting, log, pollMs },
    onWrote: bell.ringer('events'),
  })
  const announcer = createAnnouncer({
    pool,
    log,
    pollMs,
    onAnnounced: bell.ringer('announced'),
    onWork: bell.ringer('work'),
  })
  bell.hear('announced', poster.wake)
  bell.hear('events', announcer.wake)
  return {
    stop: async (): Promise<void> => {
      await Promise.all([announcer.stop(), poster.stop()])
    },
  }
}

/** What webhooks are told: the ledger's rows in the API's words. */
export function createRender(sql: Pick<Database, 'pool' | 'db'>, publicUrl: string): RenderWebhook {
  return async ({ accountId, position, event: name }) => {
    const event = await findEvent(sql.pool, accountId, position)
    const [told] = event === null ? [] : await readEvents(sql, accountId, [event])
    return told === undefined ? null : presentWebhook(told, name, publicUrl)
  }
}
