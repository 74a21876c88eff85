// The ways out as the settings name them.

import { join } from 'node:path'

import type { Config } from '../config.ts'
import { parseTransport, parseTransports, type TransportSettings } from '../contracts/transport-settings.ts'
import { createGuardedPost } from '../http-client/guarded-post.ts'

/** TRANSPORTS, or OUTBOUND_SMTP_URL as the transport `smtp`. Empty: mail is written to the outbox. Never throws. */
export function transportsOf({
  TRANSPORTS: transports,
  OUTBOUND_SMTP_URL: url,
}: Pick<Config, 'TRANSPORTS' | 'OUTBOUND_SMTP_URL'>): readonly TransportSettings[] {
  return url === undefined ? parseTransports(transports ?? '') : [parseTransport('smtp', url)]
}

/** The options of all transports, by the settings. Never throws. */
export function transportOptions(config: Config) {
  return {
    settings: transportsOf(config),
    outbox: join(config.DATA_DIR, 'outbox'),
    post: createGuardedPost(config.SAFE_URL_ALLOW),
    fallbackMs: config.TRANSPORT_FALLBACK_SECONDS * 1_000,
  }
}
