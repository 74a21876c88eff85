// All that runs after acceptance: the pipeline with its queue of accepted mail, outgoing work, the delivery of events,
// and the wake bus that they share with other processes.

import { createReactHandler } from '../automation/react.ts'
import type { Config } from '../config.ts'
import { createHandOffHandler } from '../conversations/actions/hand-off.ts'
import { createAppendGroup } from '../conversations/append/append-group.ts'
import { createAssignHandlers } from '../conversations/assignment/assign-work.ts'
import { takeBudget } from '../conversations/automatic-budget.ts'
import { eraseMessageOf } from '../conversations/erasure/erase-messages.ts'
import { createTransferHandlers } from '../conversations/import/transfer-work.ts'
import { createLanguageHandler } from '../conversations/language/note-language.ts'
import { noteActivity } from '../conversations/life-line/note-activity.ts'
import { recordDelivery } from '../conversations/life-line/record-delivery.ts'
import { findSuppressed } from '../conversations/life-line/suppress.ts'
import { createLink } from '../conversations/links/one-time-links.ts'
import { createWatcherHandler } from '../conversations/notices/watchers.ts'
import { createMailedCode } from '../conversations/sign-in/login-links.ts'
import { createTemplateHandler } from '../conversations/templates/answer.ts'
import type { Database } from '../db/open.ts'
import { inTransaction } from '../db/pool.ts'
import { showPresence } from '../db/presence.ts'
import type { IssueToken } from '../delivery/send-reply.ts'
import { createTransports } from '../delivery/transports/create-transports.ts'
import { createWorkHandlers } from '../delivery/work-handlers.ts'
import { fetchersOf } from '../ingress/adapters.ts'
import type { IngressAdapter } from '../ingress/http-ingress.ts'
import type { Log } from '../log.ts'
import { createLanguageDetector } from '../parsing/language.ts'
import { createParserPool } from '../parsing/pool.ts'
import { createPipeline } from '../pipeline.ts'
import type { Quotas } from '../queue/quotas.ts'
import { createRunner, type Handlers } from '../queue/runner.ts'
import type { Lookup } from '../routing/lookup.ts'
import { createEraseHandler } from '../store/erase-mail.ts'
import { findAhead, readAhead } from '../store/feed/ahead.ts'
import { createFeed } from '../store/feed/feed.ts'
import { createFetchHandler } from '../store/fetch-mail.ts'
import { createCanaryHandlers } from './canary/handlers.ts'
import type { createCanaryWatch } from './canary/watch.ts'
import { startEventDelivery } from './event-delivery.ts'
import { automaticMailOf } from './limits.ts'
import { transportOptions } from './transports-of.ts'
import { createWakeBus, type WakeBus } from './wake-bus.ts'

interface WorkerDeps {
  readonly config: Config
  readonly log: Log
  readonly database: Database
}

interface WorkerServices {
  readonly secretKey: Buffer
  readonly lookup: Lookup
  readonly issueToken: IssueToken
  readonly markMessage: (messageId: number) => string
  /** They know how the mails of notices are fetched. */
  readonly adapters: readonly IngressAdapter[]
  readonly canary: Pick<ReturnType<typeof createCanaryWatch>, 'isFetchedCanary'>
  readonly wakeBus: WakeBus
  readonly quotas: Quotas
}

const pollMs = 1_000
// A slow provider, or a large file of contacts, must not delay replies; and few large mails are fetched at once.
const lanes = [
  { atOnce: 8, except: ['fetch-mail', 'import-contacts', 'export-contacts', 'forget-transfers', 'erase-mail'] },
  { atOnce: 2, only: ['fetch-mail'] },
  { atOnce: 1, only: ['import-contacts', 'export-contacts', 'forget-transfers', 'erase-mail'] },
] as const

/** Starts it. `stop` comes after the listeners are closed. */
export async function startWorker(deps: WorkerDeps, services: Omit<WorkerServices, 'wakeBus'>) {
  const wakeBus = await createWakeBus(deps)
  const processing = await startProcessing(deps, { ...services, wakeBus })
  const eventDelivery = startEventDelivery(deps, wakeBus)
  return {
    processing,
    streams: eventDelivery.streams,
    notifier: wakeBus.notifier,
    stop: async (): Promise<void> => {
      await Promise.all([processing.stop(), eventDelivery.stop()])
      await wakeBus.close()
    },
  }
}

// A process with RUN_WORKER=false has no feed and does no work.
async function startProcessing(
  { config, log, database }: WorkerDeps,
  { secretKey, lookup, issueToken, markMessage, adapters, canary, wakeBus, quotas }: WorkerServices,
) {
  const { pool } = database
  const presence = await showPresence(database)
  const defaultDomain = config.INBOUND_EMAIL_DOMAIN
  const wakeWork = wakeBus.notifier('work')
  const wakeInbound = wakeBus.notifier('inbound')
  const wakeEvents = wakeBus.notifier('events')

  const parser = createParserPool({ workers: config.PARSE_WORKERS, timeoutMs: config.PARSE_TIMEOUT_MS })
  const undoMs = config.AGENT_UNDO_SECONDS * 1_000
  const append = createAppendGroup({ pool, defaultDomain, undoMs, onWork: wakeWork, onAppended: wakeEvents })
  const pipeline = createPipeline({
    parser,
    lookup,
    policy: { authservId: config.AUTHSERV_ID ?? null },
    append,
    findAhead: (followers) => findAhead(pool, followers),
    readAhead: (ids) => readAhead(pool, ids),
    log,
    onSiblings: wakeInbound,
    onStored: (accountId, bytes) => {
      quotas.add(`account:${String(accountId)}`, bytes)
    },
  })
  const transport = createTransports(transportOptions(config))
  const fetchHandler = createFetchHandler({
    pool,
    fetchers: fetchersOf(adapters),
    isCanary: canary.isFetchedCanary,
    onFetched: wakeInbound,
  })
  const outgoing = createWorkHandlers({
    pool,
    send: transport.send,
    handOver: transport.handOver,
    recordDelivery: async (messageIds, update) => {
      await recordDelivery(pool, messageIds, update)
    },
    findSuppressed: (accountId, emails) => findSuppressed(pool, accountId, emails),
    noteActivity: (on, sentence) => noteActivity(pool, on, sentence),
    issueToken,
    markMessage,
    createLink: (link) => createLink(pool, link),
    createLoginCode: (email) => createMailedCode(pool, email),
    takeBudget: (mail) => inTransaction(pool, (tx) => takeBudget(tx, mail, automaticMailOf(config))),
    defaultDomain,
    senderEmail: config.MAILER_SENDER_EMAIL ?? null,
    publicUrl: config.PUBLIC_URL,
    noticeGroupMs: config.NOTICE_GROUP_SECONDS * 1_000,
  })
  const language = createLanguageDetector()
  const feed = config.RUN_WORKER ? createFeed({ pool, log, processBatch: pipeline.processBatch, pollMs }) : null
  const transfers = createTransferHandlers({ pool, onDone: wakeWork })
  const handlers: Handlers = {
    ...outgoing,
    ...transfers,
    ...createAnsweringHandlers({ config, log, database }, wakeWork),
    ...createAssignHandlers(pool),
    ...createWatcherHandler(pool, wakeWork),
    ...createLanguageHandler(pool, language.detect),
    'fetch-mail': fetchHandler,
    ...createCanaryHandlers({ config, pool, secretKey }, transport),
    'erase-mail': createEraseHandler(pool, eraseMessageOf),
  }
  const runners = config.RUN_WORKER
    ? lanes.map((lane) => createRunner({ pool, log, handlers, pollMs, lane, onDone: wakeEvents }))
    : []
  if (feed !== null) wakeBus.subscribe('inbound', feed.wake)
  for (const runner of runners) wakeBus.subscribe('work', runner.wake)

  return {
    pipeline,
    feed,
    transportCounts: transport.counts,
    wakeWork,
    wakeInbound,
    wakeAll: (): void => {
      wakeInbound()
      wakeWork()
    },
    stop: async (): Promise<void> => {
      await Promise.all([feed?.stop(), ...runners.map((runner) => runner.stop())])
      await Promise.all([parser.close(), language.close(), presence.close()])
      transport.close()
    },
  }
}

// Automation rules, templates and bots.
function createAnsweringHandlers({ config, log, database: { pool } }: WorkerDeps, onWork: () => void) {
  const answering = {
    pool,
    log,
    replyDomain: config.INBOUND_EMAIL_DOMAIN,
    continuityDelayMs: config.CONTINUITY_DELAY_MS,
    automaticMail: automaticMailOf(config),
    onWork,
  }
  return {
    react: createReactHandler(answering),
    ...createTemplateHandler(answering),
    'hand-off': createHandOffHandler(pool),
  }
}
