// One line of JSON an event, on stderr. The events are a closed list: each can be searched, counted and documented (docs/glossary.md).

import { pino } from 'pino'

export const logEvents = [
  'started',
  'stopping',
  'stopped',
  'listening',
  'durability-off',
  'ingress-misconfigured',
  'password-made',
  'setting-unknown',
  'redis',
  'accepted',
  'rejected',
  'deferred',
  'connection-refused',
  'smtp-error',
  'delivered',
  'held',
  'ignored',
  'failed',
  'retry',
  'degraded',
  'incinerated',
  'work-failed',
  'wake-lost',
  'webhook-retry',
  'webhook-failed',
  'webhook-disabled',
  'rule-budget',
  'template-budget',
  'rule-invalid',
  'request-failed',
  'fault',
] as const
export type LogEvent = (typeof logEvents)[number]

type Level = 'debug' | 'info' | 'warn' | 'error'
/** Facts of one event; an `error` among them is written with its stack and cause. Never put secrets or mail text here. */
export type Facts = Readonly<Record<string, unknown>>

export interface Log {
  readonly debug: (event: LogEvent, facts?: Facts) => void
  readonly info: (event: LogEvent, facts?: Facts) => void
  readonly warn: (event: LogEvent, facts?: Facts) => void
  readonly error: (event: LogEvent, facts?: Facts) => void
}

// Libraries hang whole connections on their errors; what tells something is this.
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const code = 'code' in error ? { code: error.code } : {}
  const cause = error.cause === undefined ? {} : { cause: error.cause instanceof Error ? error.cause.message : 'not an error' }
  return { type: error.name, message: error.message, ...code, ...cause, stack: error.stack }
}

/** A log that writes to stderr from `level` up. Never throws. */
export function createLog(level: Level | 'silent'): Log {
  const logger = pino(
    { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'event', errorKey: 'error', serializers: { error: describeError }, formatters: { level: (label) => ({ level: label }) } },
    pino.destination({ dest: 2, sync: level === 'debug' }),
  )
  const at =
    (name: Level) =>
    (event: LogEvent, facts: Facts = {}) => {
      logger[name](facts, event)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
