// Puts the house together: one database, one door, one belt, and whatever of HTTP, SMTP and worker this process is to run.
// Nothing here decides anything; rooms are handed to each other where their shapes fit.

import { join } from 'node:path'

import { createApiRouter } from './api/router.ts'
import type { Config } from './config.ts'
import { createAppendGroup } from './conversations/append/append-group.ts'
import { createLedger } from './conversations/ledger.ts'
import { createLookup, createRecipientCheck } from './conversations/lookup/lookup.ts'
import { createTokenIssuer } from './conversations/reply-tokens.ts'
import { eraseMessageOf, removeMessageOf } from './conversations/append/take-back.ts'
import type { Database } from './db/open.ts'
import { createTransport } from './delivery/transport.ts'
import { createWorkHandlers } from './delivery/work-handlers.ts'
import { createByteBudget } from './ingress/budget.ts'
import { createIngressRouter } from './ingress/routes.ts'
import type { Log } from './log.ts'
import { createParserPool } from './parsing/pool.ts'
import { createPipeline } from './pipeline.ts'
import { createRunner } from './queue/runner.ts'
import { createWake } from './queue/wake.ts'
import { listen } from './start/listen.ts'
import { createAccept } from './store/accept.ts'
import { createFeed } from './store/feed.ts'
import { createInboundEmailActs } from './store/inbound-email-acts.ts'
import { createStatus } from './start/status.ts'
import { createStatusRouter } from './ui/status.ts'

export interface AppParts {
  readonly config: Config
  readonly log: Log
  readonly database: Database
  readonly secretKey: Buffer
  readonly ingressPassword: string
  readonly version: string
}

const pollMs = 1_000

/** Starts all that the configuration asks of this process; `stop` lets what is under way finish. */
export async function startApp(parts: AppParts) {
  const { config, log, secretKey } = parts
  const { pool, db } = parts.database
  const domain = config.INBOUND_EMAIL_DOMAIN
  const lookup = createLookup({ sql: pool, defaultDomain: domain, secretKey })
  const issueToken = createTokenIssuer({ pool, secretKey, expiresDays: config.REPLY_TOKEN_EXPIRES_DAYS })
  const transport = createTransport(config.OUTBOUND_SMTP_URL, join(config.DATA_DIR, 'outbox'))
  const parser = createParserPool({ workers: config.PARSE_WORKERS, timeoutMs: config.PARSE_TIMEOUT_MS })

  const wakeWork = (): void => { runner?.wake(); wake.publish('work') }
  const wakeInbound = (): void => { feed?.wake(); wake.publish('inbound') }
  const append = createAppendGroup({ pool, defaultDomain: domain, onWork: wakeWork })
  const pipeline = createPipeline({ parser, lookup, policy: { authservId: config.AUTHSERV_ID ?? null }, append, log, onSiblings: wakeInbound })
  const handlers = createWorkHandlers({ pool, send: transport.send, issueToken, defaultDomain: domain, senderEmail: config.MAILER_SENDER_EMAIL ?? null, publicUrl: config.PUBLIC_URL })

  const feed = config.RUN_WORKER ? createFeed({ pool, log, belt: pipeline.belt, pollMs }) : null
  const runner = config.RUN_WORKER ? createRunner({ pool, log, handlers, pollMs }) : null
  const wake = await createWake({ pool, connection: parts.database.connection, redisUrl: config.REDIS_URL, log, onWake: (topic) => { (topic === 'inbound' ? feed : runner)?.wake() } })

  const accept = createAccept({
    pool,
    room: () => feed?.room() ?? false,
    onStored: (mails, leased) => { if (leased) feed?.offer(mails); else wakeInbound() },
  })
  const budget = createByteBudget(config.MAX_BYTES_IN_FLIGHT)
  const status = createStatus(parts)
  const ledger = createLedger({ pool, db, replyDomain: domain, wake: wakeWork })
  const inboundEmails = createInboundEmailActs(pool, pipeline, { remove: removeMessageOf, erase: eraseMessageOf })
  const stopBelt = async (): Promise<void> => {
    await Promise.all([feed?.stop(), runner?.stop()])
    await Promise.all([wake.close(), parser.close()])
    transport.close()
  }
  const doors = await listen({
    config, log, accept, budget,
    checkRecipient: createRecipientCheck(lookup),
    routers: [
      createIngressRouter({ config, log, accept, budget, password: parts.ingressPassword }),
      createStatusRouter(status),
      createApiRouter({ ledger, inboundEmails, examine: status.examine, log, settings: { publicUrl: config.PUBLIC_URL, version: parts.version, maxUploadBytes: config.MAX_MESSAGE_BYTES } }),
    ],
  }).catch(async (error: unknown) => {
    // Doors that cannot open must not leave a process that looks alive.
    await stopBelt()
    throw error
  })
  const stopTimers = config.RUN_WORKER ? status.startTimers(wakeInbound) : null

  return {
    ports: doors.ports,
    issueToken,
    stop: async (): Promise<void> => {
      stopTimers?.()
      await doors.close()
      await stopBelt()
    },
  }
}
