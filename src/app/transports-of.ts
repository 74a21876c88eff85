// The ways out as the settings name them.

import { join } from 'node:path'

import type { Config } from '../config.ts'
import { parseTransport, parseTransports, type TransportSettings } from '../contracts/transport-settings.ts'
import { readSigner, type Signer } from '../delivery/transports/dkim.ts'
import { createGuardedPost } from '../http-client/guarded-post.ts'

/** TRANSPORTS, or OUTBOUND_SMTP_URL as the transport `smtp`. Empty: mail is written to the outbox. Never throws. */
export function transportsOf({
  TRANSPORTS: transports,
  OUTBOUND_SMTP_URL: url,
}: Pick<Config, 'TRANSPORTS' | 'OUTBOUND_SMTP_URL'>): readonly TransportSettings[] {
  return url === undefined ? parseTransports(transports ?? '') : [parseTransport('smtp', url)]
}

/** Names of the transports through which canaries leave; empty while none do. Never throws. */
export function canaryTransportsOf(
  config: Pick<Config, 'TRANSPORTS' | 'OUTBOUND_SMTP_URL' | 'CANARY_MINUTES'>,
): readonly string[] {
  return config.CANARY_MINUTES === 0 ? [] : transportsOf(config).map(({ name }) => name)
}

/** At the start, before anything is open: throws `MailError` for a key with which mail would leave unsigned. */
export function checkSigners(config: Pick<Config, 'TRANSPORTS' | 'OUTBOUND_SMTP_URL'>): void {
  transportsOf(config).forEach(readSigner)
}

/**
 * Those that sign with DKIM. A key that cannot be read is left out: the service does not start with it, and `doctor`
 * says so. Never throws.
 */
export function signersOf(config: Pick<Config, 'TRANSPORTS' | 'OUTBOUND_SMTP_URL'>): readonly Signer[] {
  return transportsOf(config).flatMap((one) => {
    try {
      return readSigner(one) ?? []
    } catch {
      return []
    }
  })
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
