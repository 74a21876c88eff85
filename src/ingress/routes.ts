// Every HTTP ingress under its two paths: ours, and the one of Rails, so that providers need no new URL. Mounted
// first by app.ts, because the adapters read their bodies themselves. A service that is not in
// RAILS_INBOUND_EMAIL_SERVICE answers 404 before it looks at anything.

import type { Router } from 'express'
import express from 'express'

import type { Config } from '../config.ts'
import { sendAnswer } from './answer.ts'
import { eventAdapterOf, type EventDependencies } from './events/event-adapter.ts'
import { createGuesses } from './guesses.ts'
import type { IngressAdapter, IngressDependencies } from './http-ingress.ts'
import { createIngressHandler, notFound } from './http-ingress.ts'
import type { ByteBudget } from './reading/budget.ts'

export interface IngressRouterOptions
  extends Omit<IngressDependencies, 'limits' | 'guesses' | 'isTrusted'>, EventDependencies {
  readonly config: Config
  readonly budget: ByteBudget
  readonly adapters: readonly IngressAdapter[]
}

/** The router with every ingress that is on; every other path of these families is 404. */
export function createIngressRouter({
  config,
  budget,
  adapters,
  recordEvents,
  ...dependencies
}: IngressRouterOptions): Router {
  const pace = {
    timeoutMs: config.SMTP_DATA_TIMEOUT_MS,
    minBytesPerSecond: config.SMTP_DATA_MIN_BYTES_PER_SECOND,
    windowMs: 10_000,
  }
  const limits = { maxBytes: config.MAX_MESSAGE_BYTES, budget, pace }
  const isTrusted = config.isTrustedRelay
  const guesses = createGuesses({
    most: config.RATE_LIMIT_PASSWORD,
    isTrusted,
    now: () => performance.now(),
  })
  const router = express.Router()
  const shared = { ...dependencies, limits, guesses, isTrusted }
  for (const adapter of adapters) {
    router.all(pathsOf(adapter), createIngressHandler(adapter, shared))
    const events = eventAdapterOf(adapter, { recordEvents, log: dependencies.log })
    if (events !== null) router.all(`/ingress/${adapter.service}/events`, createIngressHandler(events, shared))
  }
  router.all(['/rails/action_mailbox/{*rest}', '/ingress/{*rest}'], (request, response) => {
    sendAnswer(request, response, notFound)
  })
  return router
}

function pathsOf({ service, endings = [] }: IngressAdapter): string[] {
  const inboundEmails = `/rails/action_mailbox/${service}/inbound_emails`
  // Rails takes a format suffix (`inbound_emails.json`) and ignores it.
  return ['', ...endings].flatMap((ending) => [`${inboundEmails}${ending}{.:format}`, `/ingress/${service}${ending}`])
}
