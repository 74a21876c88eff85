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
import type { IssueToken } from './delivery/send-reply.ts'
import { createTransport } from './delivery/transport.ts'
import { createWorkHandlers } from './delivery/work-handlers.ts'
import { createByteBudget } from './ingress/budget.ts'
import { createIngressRouter } from './ingress/routes.ts'
import type { Log } from './log.ts'
import { createParserPool } from './parsing/pool.ts'
import { createPipeline } from './pipeline.ts'
import type { Topic } from './queue/topics.ts'
import { createRunner } from './queue/runner.ts'
import { createWake } from './queue/wake.ts'
import { listen } from './start/listen.ts'
import type { Lookup } from './routing/lookup.ts'
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
  const replyDomain = config.INBOUND_EMAIL_DOMAIN
  const lookup = createLookup({ sql: pool, defaultDomain: replyDomain, secretKey })
  const issueToken = createTokenIssuer({ pool, secretKey, expiresDays: config.REPLY_TOKEN_EXPIRES_DAYS })
  const belt = await startBelt(parts, lookup, issueToken)

  const accept = createAccept({ pool, room: () => belt.feed?.room() ?? false, onStored: (mails, leased) => { if (leased) belt.feed?.offer(mails); else belt.wake('inbound') } })
  const budget = createByteBudget(config.MAX_BYTES_IN_FLIGHT)
  const status = createStatus(parts)
  const ledger = createLedger({ pool, db, replyDomain, wake: () => { belt.wake('work') } })
  const inboundEmails = createInboundEmailActs(pool, belt.pipeline, { remove: removeMessageOf, erase: eraseMessageOf })
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
    await belt.stop()
    throw error
  })
  const stopTimers = config.RUN_WORKER ? status.startTimers(() => { belt.wake('inbound') }) : null

  return {
    ports: doors.ports,
    issueToken,
    stop: async (): Promise<void> => {
      stopTimers?.()
      await doors.close()
      await belt.stop()
    },
  }
}

// What happens behind the door: the belt and its feed, outgoing work, and the bell between processes.
async function startBelt({ config, log, database }: AppParts, lookup: Lookup, issueToken: IssueToken) {
  const { pool, connection } = database
  const defaultDomain = config.INBOUND_EMAIL_DOMAIN
  const hearers: Partial<Record<Topic, () => void>> = {}
  const bell = await createWake({ pool, connection, redisUrl: config.REDIS_URL, log, onWake: (topic) => hearers[topic]?.() })
  const wake = (topic: Topic): void => { hearers[topic]?.(); bell.publish(topic) }

  const parser = createParserPool({ workers: config.PARSE_WORKERS, timeoutMs: config.PARSE_TIMEOUT_MS })
  const append = createAppendGroup({ pool, defaultDomain, onWork: () => { wake('work') } })
  const pipeline = createPipeline({ parser, lookup, policy: { authservId: config.AUTHSERV_ID ?? null }, append, log, onSiblings: () => { wake('inbound') } })
  const transport = createTransport(config.OUTBOUND_SMTP_URL, join(config.DATA_DIR, 'outbox'))
  const handlers = createWorkHandlers({ pool, send: transport.send, issueToken, defaultDomain, senderEmail: config.MAILER_SENDER_EMAIL ?? null, publicUrl: config.PUBLIC_URL })
  const feed = config.RUN_WORKER ? createFeed({ pool, log, belt: pipeline.belt, pollMs }) : null
  const runner = config.RUN_WORKER ? createRunner({ pool, log, handlers, pollMs }) : null
  if (feed !== null) hearers.inbound = feed.wake
  if (runner !== null) hearers.work = runner.wake

  return {
    pipeline, feed, wake,
    stop: async (): Promise<void> => {
      await Promise.all([feed?.stop(), runner?.stop()])
      await Promise.all([bell.close(), parser.close()])
      transport.close()
    },
  }
}
