// The adapters of this installation, made of its settings: those of the services that are on, and only those.

import type { Config } from '../config.ts'
import type { GuardedFetch } from '../http-client/guarded-fetch.ts'
import type { IngressAdapter } from './http-ingress.ts'
import { providers } from './providers.ts'
import { createRelayIngress } from './relay.ts'
import type { LimitSender } from './sender-limit.ts'

export interface AdapterOptions {
  readonly config: Config
  /** RAILS_INBOUND_EMAIL_PASSWORD, given or generated; null = none. */
  readonly password: string | null
  readonly fetch: GuardedFetch
  readonly limitSender: LimitSender
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** One for each service that is on. */
export function createAdapters({ config, password, fetch, limitSender, now }: AdapterOptions): IngressAdapter[] {
  const isOn = (service: string): boolean => config.RAILS_INBOUND_EMAIL_SERVICE.includes(service)
  const parts = {
    settings: config.added as never,
    password,
    publicUrl: config.PUBLIC_URL,
    now,
    fetch,
    maxBytes: config.MAX_MESSAGE_BYTES,
  }
  const on = providers
    .filter(({ service }) => isOn(service))
    .map(({ service, answers, endings = [], create }) => ({ ...create(parts), service, answers, endings }))
  return [...(isOn('relay') ? [createRelayIngress(password, limitSender)] : []), ...on]
}

/** How the mails of notices are fetched, by service. */
export function fetchersOf(
  adapters: readonly IngressAdapter[],
): Readonly<Record<string, NonNullable<IngressAdapter['fetchMail']>>> {
  return Object.fromEntries(
    adapters.flatMap(({ service, fetchMail }) => (fetchMail === undefined ? [] : [[service, fetchMail]])),
  )
}
