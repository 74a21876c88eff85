// The API with the delivery of events: the announcer and the poster of one process, on the same database.

import { createRender } from '../../src/app/event-delivery.ts'
import { createReactHandler } from '../../src/automation/react.ts'
import { createHandOffHandler } from '../../src/conversations/actions/hand-off.ts'
import { createTemplateHandler } from '../../src/conversations/templates/answer.ts'
import { createAnnouncer } from '../../src/events/announcer.ts'
import { createPoster } from '../../src/events/webhooks/poster.ts'
import { createGuardedPost } from '../../src/http-client/guarded-post.ts'
import type { LogEvent } from '../../src/log.ts'
import { createRunner, type Handlers } from '../../src/queue/runner.ts'
import { replyDomain, startApi } from './api.ts'

export type TestEventDelivery = Awaited<ReturnType<typeof startEventDelivery>>

export async function startEventDelivery({
  allowed = ['127.0.0.0/8'],
  timeoutMs = 5_000,
  heartbeatMs = 15_000,
}: { allowed?: readonly string[]; timeoutMs?: number; heartbeatMs?: number } = {}) {
  const api = await startApi({ heartbeatMs })
  const { pool } = api
  const said: { readonly event: LogEvent; readonly facts: Readonly<Record<string, unknown>> }[] = []
  const say = (event: LogEvent, facts: Readonly<Record<string, unknown>> = {}): void => void said.push({ event, facts })
  const log = { debug: say, info: say, warn: say, error: say }
  const poster = createPoster({
    pool,
    log,
    pollMs: 50,
    post: createGuardedPost(allowed),
    render: createRender(api, 'https://mail.example.net'),
    timeoutMs,
    onWrote: () => undefined,
  })
  const answering = { pool, log, replyDomain, continuityDelayMs: 0, onWork: () => undefined }
  const handlers = {
    react: createReactHandler(answering),
    ...createTemplateHandler(answering),
    'hand-off': createHandOffHandler(pool),
  } as unknown as Handlers
  const runner = createRunner({
    pool,
    log,
    handlers,
    pollMs: 50,
    lane: { atOnce: 4, only: ['react', 'answer-by-template', 'hand-off'] },
  })
  const startAnnouncer = () =>
    createAnnouncer({
      pool,
      log,
      pollMs: 50,
      onAnnounced: () => {
        poster.wake()
        api.streams.wake()
      },
      onWork: () => {
        runner.wake()
      },
    })
  let announcer = startAnnouncer()
  return {
    ...api,
    /** What was logged. */
    said,
    /** Nothing is announced until `resume`. */
    pause: () => announcer.stop(),
    resume() {
      announcer = startAnnouncer()
    },
    async stop() {
      await Promise.all([announcer.stop(), poster.stop(), runner.stop()])
      await api.stop()
    },
  }
}
