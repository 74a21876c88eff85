// The composition root: one database, one acceptance, one pipeline, and the HTTP, SMTP and worker parts that this
// process is configured to run. It decides nothing; it only passes modules to each other.

import { fileURLToPath } from 'node:url'

import { createApiRouter } from '../api/router.ts'
import type { Config } from '../config.ts'
import { createEventRecorder } from '../conversations/life-line/provider-events.ts'
import { createLookup } from '../conversations/lookup/lookup.ts'
import { createRecipientCheck } from '../conversations/lookup/recipient-check.ts'
import { markMessage } from '../conversations/message-mark.ts'
import { createTokenIssuer } from '../conversations/reply-tokens.ts'
import { runTimed } from '../conversations/timed/timed.ts'
import type { Database } from '../db/open.ts'
import { createPostTest } from '../events/webhooks/post-once.ts'
import { createReach } from '../http-client/address-policy.ts'
import { createGuardedFetch } from '../http-client/guarded-fetch.ts'
import { createFetchPicture } from '../http-client/guarded-picture.ts'
import { createGuardedPost } from '../http-client/guarded-post.ts'
import { createAdapters } from '../ingress/adapters.ts'
import { createIngressRouter } from '../ingress/routes.ts'
import { createFirstHopCheck } from '../ingress/sender-check/first-hop.ts'
import { createLedger } from '../ledger.ts'
import type { Log } from '../log.ts'
import { createQuotas } from '../queue/quotas.ts'
import { createAccept } from '../store/accept.ts'
import { createAcceptNotice } from '../store/accept-notice.ts'
import { createIngressStatus } from '../store/ingress-status.ts'
import { createBudgets } from './budgets.ts'
import { createCanaryWatch } from './canary/watch.ts'
import { createStatus } from './health.ts'
import { createClientRouter } from './http/client-files.ts'
import { listen } from './http/listen.ts'
import { createStatusRouter } from './http/status-routes.ts'
import { createInboundEmailActions } from './inbound-email-actions.ts'
import { automaticMailOf, createLimits } from './limits.ts'
import { startMaintenance } from './maintenance.ts'
import { quotaLimits, withQuotas } from './quota-at-acceptance.ts'
import { transportsOf } from './transports-of.ts'
import { startWorker } from './worker.ts'

// Above this file in dist/; `npm run dev` runs from src/, where the client is served by Vite.
const webFolder = fileURLToPath(new URL('../web', import.meta.url))

export interface AppDeps {
  readonly config: Config
  readonly log: Log
  readonly database: Database
  readonly secretKey: Buffer
  readonly ingressPassword: string
  readonly version: string
}

/** Starts the configured parts of this process; `stop` lets running work finish. */
export async function startApp(deps: AppDeps) {
  const { config, log, secretKey } = deps
  const { pool, api } = deps.database
  const replyDomain = config.INBOUND_EMAIL_DOMAIN
  const lookup = createLookup({ sql: pool, defaultDomain: replyDomain, secretKey })
  const replyTokens = { secretKey, expiresDays: config.REPLY_TOKEN_EXPIRES_DAYS }
  const issueToken = createTokenIssuer({ pool, ...replyTokens })
  const limits = createLimits(config)
  const budgets = createBudgets(config)
  const adapters = createAdapters({
    config,
    limitSender: limits.sender,
    password: deps.ingressPassword,
    fetch: createGuardedFetch(config.SAFE_URL_ALLOW),
    now: Date.now,
  })
  const mark = (messageId: number): string => markMessage(secretKey, messageId)
  const quotas = openQuotas(deps)
  const canary = createCanaryWatch({ config, log, pool, secretKey })
  const services = { secretKey, lookup, issueToken, markMessage: mark, adapters, quotas, canary }
  const worker = await startWorker(deps, services)
  const { processing, streams, notifier } = worker

  const accept = withQuotas(createAccept({ pool, ...feeding(processing) }), quotas, lookup)
  const status = createStatus(deps)
  const writing = { pool, ...writingOptions(config), wake: processing.wakeWork }
  const ledger = createLedger({ ...writing, ...api, replyTokens, onPosts: notifier('announced') })
  const waking = { onWork: processing.wakeWork, onChange: notifier('events') }
  const inboundEmails = createInboundEmailActions({
    config,
    pool: api.pool,
    pipeline: processing.pipeline,
    lookup,
    accept,
    ...waking,
  })
  const listeners = await listen({
    config,
    log,
    accept: canary.withCanaries(accept),
    budget: budgets.mail,
    limitSender: limits.sender,
    checkSender: createFirstHopCheck(config),
    checkRecipient: canary.checkRecipient(createRecipientCheck(lookup)),
    onSlow: status.countSlowPeer,
    routers: [
      createIngressRouter({
        config,
        log,
        accept: canary.withCanaries(accept),
        acceptNotice: canary.withCanaryNotices(createAcceptNotice(pool, processing.wakeWork)),
        note: createIngressStatus(pool, log),
        budget: budgets.mail,
        adapters,
        recordEvents: createEventRecorder({ pool, markMessage: mark, onUnknown: status.countUnknownMailEvent }),
      }),
      createClientRouter(webFolder),
      createStatusRouter({ ...status, readTransports: processing.transportCounts }),
      createApiRouter({
        ledger,
        inboundEmails,
        streams,
        onWrite: notifier('events'),
        doctor: status.doctor,
        log,
        limits: limits.api,
        budgets: budgets.api,
        stored: quotas,
        ...httpClientsOf(config),
        settings: settingsOf(deps),
      }),
    ],
  }).catch(async (error: unknown) => {
    // If the listeners cannot open, the process must end rather than look alive.
    await worker.stop()
    throw error
  })
  const stopTimers = config.RUN_WORKER
    ? startMaintenance({ ...deps, onReleased: processing.wakeAll, timed: () => runTimed(writing), canary: canary.tick })
    : null

  return {
    ports: listeners.ports,
    issueToken,
    stop: async (): Promise<void> => {
      stopTimers?.()
      // Streams never end without this.
      streams.stop()
      await listeners.close()
      await worker.stop()
      await quotas.close()
      limits.close()
    },
  }
}

function openQuotas({ config, log, database }: AppDeps) {
  return createQuotas({
    pool: database.pool,
    most: quotaLimits(config),
    onError: (error) => {
      log.warn('fault', { error, during: 'quotas' })
    },
  })
}

function writingOptions(config: Config) {
  return {
    replyDomain: config.INBOUND_EMAIL_DOMAIN,
    continuityDelayMs: config.CONTINUITY_DELAY_MS,
    messagesPerMinute: config.CONVERSATION_MESSAGE_PER_MINUTE_LIMIT,
    automaticMail: automaticMailOf(config),
    transports: transportsOf(config).map(({ name }) => name),
    ownAddresses: config.MAILER_SENDER_EMAIL === undefined ? [] : [config.MAILER_SENDER_EMAIL],
  }
}

// Mail that was just stored is processed from memory while there is room, else from the table.
function feeding({
  feed,
  wakeInbound,
}: Awaited<ReturnType<typeof startWorker>>['processing']): Pick<
  Parameters<typeof createAccept>[0],
  'hasRoom' | 'onStored'
> {
  return {
    hasRoom: () => feed?.hasRoom() ?? false,
    onStored: (mails, leased) => {
      if (leased) feed?.offer(mails)
      else wakeInbound()
    },
  }
}

function httpClientsOf({ SAFE_URL_ALLOW: allowed, WEBHOOK_TIMEOUT_MS: timeoutMs }: Config) {
  return {
    reach: createReach(allowed),
    fetchPicture: createFetchPicture(allowed),
    postTest: createPostTest({ post: createGuardedPost(allowed), timeoutMs }),
  }
}

function settingsOf({ config, version }: AppDeps) {
  return {
    publicUrl: config.PUBLIC_URL,
    version,
    maxUploadBytes: config.MAX_MESSAGE_BYTES,
    randomMessages: config.RANDOM_MESSAGES,
    heartbeatMs: 15_000,
  }
}
