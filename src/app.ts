// Puts the house together: one database, one door, one belt, and whatever of HTTP, SMTP and worker this process is to run.
// Nothing here decides anything; rooms are handed to each other where their shapes fit.

import { createApiRouter } from './api/router.ts'
import type { Config } from './config.ts'
import { createLedger } from './conversations/ledger.ts'
import { runTimed } from './conversations/timed/timed.ts'
import { createLookup, createRecipientCheck } from './conversations/lookup/lookup.ts'
import { createTokenIssuer } from './conversations/reply-tokens.ts'
import { eraseMessageOf, removeMessageOf } from './conversations/append/take-back.ts'
import type { Database } from './db/open.ts'
import { createAdapters } from './ingress/adapters.ts'
import { createGuardedFetch } from './outside/guarded-fetch.ts'
import { createIngressRouter } from './ingress/routes.ts'
import type { Log } from './log.ts'
import { startBehind } from './start/behind.ts'
import { createBudgets } from './start/budgets.ts'
import { createLimits } from './start/limits.ts'
import { listen } from './start/listen.ts'
import { createAccept } from './store/accept.ts'
import { createAcceptNotice } from './store/accept-notice.ts'
import { createInboundEmailActs } from './store/inbound-email-acts.ts'
import { createIngressNews } from './store/ingress-news.ts'
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

/** Starts all that the configuration asks of this process; `stop` lets what is under way finish. */
export async function startApp(parts: AppParts) {
  const { config, log, secretKey } = parts
  const { pool, db } = parts.database
  const replyDomain = config.INBOUND_EMAIL_DOMAIN
  const lookup = createLookup({ sql: pool, defaultDomain: replyDomain, secretKey })
  const issueToken = createTokenIssuer({ pool, secretKey, expiresDays: config.REPLY_TOKEN_EXPIRES_DAYS })
  const [limits, budgets] = [createLimits(config), createBudgets(config)]
  const adapters = createAdapters({ config, limitSender: limits.sender, password: parts.ingressPassword, fetch: createGuardedFetch(config.SAFE_URL_ALLOW), now: Date.now })
  const behind = await startBehind(parts, { lookup, issueToken, adapters })
  const { belt, streams, ringer } = behind

  const accept = createAccept({ pool, ...feeding(belt) })
  const status = createStatus(parts)
  const writing = { pool, replyDomain, continuityDelayMs: config.CONTINUITY_DELAY_MS, messagesPerMinute: config.CONVERSATION_MESSAGE_PER_MINUTE_LIMIT, wake: belt.wakeWork }
  const ledger = createLedger({ ...writing, db, onPosts: ringer('announced') })
  const inboundEmails = createInboundEmailActs(pool, belt.pipeline, { remove: removeMessageOf, erase: eraseMessageOf, onWork: belt.wakeWork })
  const doors = await listen({
    ...{ config, log, accept, budget: budgets.mail, limitSender: limits.sender, checkRecipient: createRecipientCheck(lookup) },
    routers: [
      createIngressRouter({ config, log, accept, acceptNotice: createAcceptNotice(pool, belt.wakeWork), note: createIngressNews(pool, log), budget: budgets.mail, adapters }),
      createStatusRouter(status),
      createApiRouter({ ledger, inboundEmails, streams, onWrite: ringer('events'), examine: status.examine, log, limits: limits.api, budgets: budgets.api, settings: settingsOf(parts) }),
    ],
  }).catch(async (error: unknown) => {
    // Doors that cannot open must not leave a process that looks alive.
    await behind.stop()
    throw error
  })
  const stopTimers = config.RUN_WORKER ? status.startTimers(belt.wakeAll, () => runTimed(writing)) : null

  return {
    ports: doors.ports,
    issueToken,
    stop: async (): Promise<void> => {
      stopTimers?.()
      // Answers that do not end by themselves.
      streams.stop()
      await doors.close()
      await behind.stop()
      limits.close()
    },
  }
}

// What has just been stored is read from memory while there is room, else from the table.
function feeding({ feed, wakeInbound }: Awaited<ReturnType<typeof startBehind>>['belt']): Pick<Parameters<typeof createAccept>[0], 'room' | 'onStored'> {
  return {
    room: () => feed?.room() ?? false,
    onStored: (mails, leased) => {
      if (leased) feed?.offer(mails)
      else wakeInbound()
    },
  }
}

function settingsOf({ config, version }: AppParts) {
  return { publicUrl: config.PUBLIC_URL, version, maxUploadBytes: config.MAX_MESSAGE_BYTES, heartbeatMs: 15_000 }
}
