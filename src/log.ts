// One line of JSON an event, on stderr. The events are a closed list: each can be searched, counted and documented
// (docs/reference/log-events.md).

import { pino } from 'pino'

import { toMailError } from './errors.ts'
import { maskReplyAddresses } from './mail/reply-address.ts'

export const logEvents = [
  'started',
  'stopping',
  'stop-forced',
  'slow-peer',
  'canary-returned',
  'canary-refused',
  'stopped',
  'listening',
  'durability-off',
  'database-conversion',
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
  'put-off',
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
  'mail-events',
  'request-failed',
  'fault',
] as const
export type LogEvent = (typeof logEvents)[number]

type Level = 'debug' | 'info' | 'warn' | 'error'
/**
 * Facts of one event; an `error` among them is written with its cause, and with its stack where it is unexpected.
 * Never put secrets or mail text here.
 */
export type Facts = Readonly<Record<string, unknown>> & {
  // The names of the line itself: a second one would hide the first.
  readonly [own in 'event' | 'level' | 'time' | 'pid']?: never
}

export interface Log {
  readonly debug: (event: LogEvent, facts?: Facts) => void
  readonly info: (event: LogEvent, facts?: Facts) => void
  readonly warn: (event: LogEvent, facts?: Facts) => void
  readonly error: (event: LogEvent, facts?: Facts) => void
}

// Libraries attach whole connections to their errors; only these properties are logged.
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const code = 'code' in error ? { code: error.code } : {}
  const cause =
    error.cause === undefined ? {} : { cause: error.cause instanceof Error ? error.cause.message : 'not an error' }
  // An unreachable network or a wrong password is explained by its message.
  const stack = toMailError(error).kind === 'unexpected' ? { stack: error.stack } : {}
  return { type: error.name, message: error.message, ...code, ...cause, ...stack }
}

// Keys in paths of visitors' requests and of one-time links are secrets.
const keyInPath = /(\/inboxes\/[^/"\s?]+\/contacts\/|\/(?:confirm|login)\/)[^/"\s?\\]+/g

/** A line of the log without reply addresses, visitor keys and one-time codes. Never throws. */
export function maskSecrets(line: string): string {
  return maskReplyAddresses(line).replace(keyInPath, '$1…')
}

const ownNames = new Set(['event', 'level', 'time', 'pid'])

// The types forbid them; facts from elsewhere may have them.
function withoutOwn(facts: Facts): Facts {
  return Object.fromEntries(Object.entries(facts).filter(([name]) => !ownNames.has(name)))
}

/** A log that writes to stderr from `level` up. Never throws. */
export function createLog(level: Level | 'silent'): Log {
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'event',
      errorKey: 'error',
      serializers: { error: describeError },
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: maskSecrets },
    },
    pino.destination({ dest: 2, sync: level === 'debug' }),
  )
  const at =
    (name: Level) =>
    (event: LogEvent, facts: Facts = {}) => {
      logger[name](withoutOwn(facts), event)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
