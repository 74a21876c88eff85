// Every HTTP ingress under its two paths: ours, and the one of Rails, so that providers need no new URL. Mounted first by app.ts, because the
// adapters read their bodies themselves. A service that is not in RAILS_INBOUND_EMAIL_SERVICE answers 404 before it looks at anything.

import type { Router } from 'express'

import type { Config, IngressService } from '../config.ts'
import type { Log } from '../log.ts'
import type { Accept } from '../store/accept.ts'
import type { ByteBudget } from './budget.ts'
import type { IngressAdapter } from './http-ingress.ts'

import express from 'express'

import { sendAnswer } from './answer.ts'
import { createIngressHandler, notFound } from './http-ingress.ts'
import { createRelayIngress } from './relay.ts'

export interface IngressRouterOptions {
  readonly config: Config
  readonly log: Log
  readonly accept: Accept
  readonly budget: ByteBudget
  /** RAILS_INBOUND_EMAIL_PASSWORD, given or generated; null = none. */
  readonly password: string | null
}

/** All adapters, one line each. */
const adapters: Readonly<Partial<Record<IngressService, (options: IngressRouterOptions) => IngressAdapter>>> = {
  relay: ({ password }) => createRelayIngress(password),
}

/** Whether this version has an adapter for a service; without one its paths answer 404. */
export function hasAdapter(service: IngressService): boolean {
  return adapters[service] !== undefined
}

/** The router with every ingress of this version. */
export function createIngressRouter(options: IngressRouterOptions): Router {
  const { accept, budget, config, log } = options
  const pace = { timeoutMs: config.SMTP_DATA_TIMEOUT_MS, minBytesPerSecond: config.SMTP_DATA_MIN_BYTES_PER_SECOND, windowMs: 10_000 }
  const limits = { maxBytes: config.MAX_MESSAGE_BYTES, budget, pace }
  const router = express.Router()
  for (const create of Object.values(adapters)) {
    const adapter = create(options)
    const isOn = config.RAILS_INBOUND_EMAIL_SERVICE.includes(adapter.service)
    router.all(
      pathsOf(adapter),
      isOn
        ? createIngressHandler(adapter, { accept, log, limits })
        : (request, response) => {
            sendAnswer(request, response, notFound)
          },
    )
  }
  return router
}

function pathsOf({ service, endings = [] }: IngressAdapter): string[] {
  const inboundEmails = `/rails/action_mailbox/${service}/inbound_emails`
  // Rails takes a format suffix (`inbound_emails.json`) and ignores it.
  return ['', ...endings].map((ending) => `${inboundEmails}${ending}{.:format}`).concat(`/ingress/${service}`)
}
