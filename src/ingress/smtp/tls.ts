// The certificate for STARTTLS (RFC 3207), read once at start. Without one STARTTLS is neither offered nor taken.

import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'

import type { Config } from '../../config.ts'
import { ConfigError } from '../../config.ts'

export interface Tls {
  readonly cert: Buffer
  readonly key: Buffer
}

/**
 * Certificate and key of SMTP_TLS_CERT and SMTP_TLS_KEY, or null. Throws `ConfigError` for files that cannot be read
 * or do not fit.
 */
export function readTls(config: Pick<Config, 'SMTP_TLS_CERT' | 'SMTP_TLS_KEY'>): Tls | null {
  if (config.SMTP_TLS_CERT === undefined || config.SMTP_TLS_KEY === undefined) return null
  const tls = {
    cert: readFile('SMTP_TLS_CERT', config.SMTP_TLS_CERT),
    key: readFile('SMTP_TLS_KEY', config.SMTP_TLS_KEY),
  }
  try {
    createSecureContext(tls)
  } catch (error) {
    throw new ConfigError([
      `SMTP_TLS_CERT: is not a certificate for SMTP_TLS_KEY: ${reason(error)} (got "${config.SMTP_TLS_CERT}")`,
    ])
  }
  return tls
}

function readFile(name: string, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new ConfigError([`${name}: cannot be read: ${reason(error)} (got "${path}")`])
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
