// Every setting is an environment variable or a line of `.env`, read once at start. All mistakes are reported together.
// The only file that reads process.env (cli/relay/ aside, which must load in milliseconds).

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'

import { z } from 'zod'

import { findTransportProblems } from './contracts/transport-settings.ts'
import { isNetwork, networkMatcher } from './networks.ts'

const whole = (least: number, most?: number) => {
  const sentence =
    'must be a whole ' +
    `number${most === undefined ? `, at least ${String(least)}` : ` from ${String(least)} to ${String(most)}`}`
  return z.coerce
    .number(sentence)
    .int(sentence)
    .min(least, sentence)
    .max(most ?? Number.MAX_SAFE_INTEGER, sentence)
}
const port = whole(0, 65535)
const optionalPort = z.union([z.literal('off').transform(() => null), port])
const flag = z.enum(['true', 'false', '1', '0', 'yes', 'no']).transform((text) => ['true', '1', 'yes'].includes(text))
const text = z.string().min(1)
const word = z.string().regex(/^[^\s;]+$/, 'must be one word, as the relay writes it')
const count = whole(1)
const rate = z.union([z.literal('off').transform(() => null), count], 'must be a whole number, at least 1, or off')
const days = z.coerce.number('must be a number of days').positive('must be a number of days above 0')
const domain = z
  .string()
  .regex(/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i, 'must be a domain name')
  .toLowerCase()
const url = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
      `must be a URL starting with ${protocols.join(' or ')}//`,
    )
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
)
const networks = list.refine(
  (parts) => parts.every(isNetwork),
  'must be a comma-separated list of addresses or networks (10.0.0.0/8)',
)
/** One line a setting, in the order of `.env.example`. Defaults that depend on others are set in `readConfig`. */
export const settings = {
  HOST: text.default('127.0.0.1'),
  PORT: port.default(3000),
  SMTP_PORT: optionalPort.default(2525),
  LMTP_PORT: optionalPort.default(2424),
  PUBLIC_URL: url('http:', 'https:').optional(),
  DATABASE_URL: url('postgres:', 'postgresql:').optional(),
  DATABASE_POOL_SIZE: count.default(12),
  DATABASE_API_POOL_SIZE: count.default(8),
  API_STATEMENT_TIMEOUT_MS: count.default(15_000),
  REDIS_URL: url('redis:', 'rediss:').optional(),
  DATA_DIR: text.default('./data'),
  SECRET_KEY_BASE: z.string().min(32, 'must have at least 32 characters').optional(),
  ADMIN_ACCESS_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  RAILS_INBOUND_EMAIL_SERVICE: list.default(['relay']),
  RAILS_INBOUND_EMAIL_PASSWORD: text.optional(),
  INBOUND_EMAIL_DOMAIN: domain.default('reply.localhost'),
  TRUSTED_RELAYS: networks.default(['127.0.0.0/8', '::1']),
  AUTHSERV_ID: word.optional(),
  RECEIVED_BY: domain.optional(),
  PROXY_PROTOCOL_FROM: networks.default([]),
  XCLIENT_FROM: networks.default([]),
  SENDER_CHECK: flag.default(true),
  ARC_SEALERS: list.default(['google.com', 'microsoft.com', 'icloud.com', 'fastmail.com']),
  DNS_SERVERS: list.default([]),
  MAIL_HOST: domain.optional(),
  SMTP_TLS_CERT: text.optional(),
  SMTP_TLS_KEY: text.optional(),
  MAX_MESSAGE_BYTES: count.default(36 * 1024 * 1024),
  MAX_BYTES_IN_FLIGHT: count.default(128 * 1024 * 1024),
  MAX_RECIPIENTS: count.default(100),
  MAX_CONNECTIONS: count.default(500),
  MAX_CONNECTIONS_PER_ADDRESS: count.default(100),
  SMTP_IDLE_TIMEOUT_MS: count.default(60_000),
  SMTP_DATA_TIMEOUT_MS: count.default(600_000),
  SMTP_DATA_MIN_BYTES_PER_SECOND: whole(0).default(1_000),
  MAILER_SENDER_EMAIL: text.optional(),
  OUTBOUND_SMTP_URL: url('smtp:', 'smtps:').optional(),
  TRANSPORTS: text.optional(),
  TRANSPORT_FALLBACK_SECONDS: count.default(120),
  CANARY_MINUTES: whole(0).default(0),
  CANARY_LATE_SECONDS: whole(1, 3_600).default(300),
  CANARY_INGRESS: list.default([]),
  ALERT_WEBHOOK_URL: url('http:', 'https:').optional(),
  ALERT_WEBHOOK_SECRET: text.optional(),
  REPLY_TOKEN_EXPIRES_DAYS: days.default(365),
  PARSE_WORKERS: count.default(1),
  PARSE_TIMEOUT_MS: count.default(10_000),
  INCINERATE_AFTER_DAYS: days.default(30),
  INCINERATE_UNDELIVERED_AFTER_DAYS: days.default(180),
  QUOTA_VISITOR_BYTES: rate.default(100 * 1024 * 1024),
  QUOTA_NETWORK_BYTES: rate.default(1024 * 1024 * 1024),
  QUOTA_ACCOUNT_BYTES: rate.default(20 * 1024 * 1024 * 1024),
  RATE_LIMIT_TOKEN: rate.default(6_000),
  RATE_LIMIT_CONTACT: rate.default(600),
  RATE_LIMIT_STRANGER: rate.default(120),
  RATE_LIMIT_PASSWORD: rate.default(30),
  RATE_LIMIT_SIGN_IN: rate.default(10),
  RATE_LIMIT_SENDER: rate.default(1_200),
  EVENTS_KEPT_DAYS: z.coerce.number('must be a number of days').min(1, 'must be at least 1 day').default(7),
  RANDOM_MESSAGES: flag.default(() => process.env['NODE_ENV'] !== 'production'),
  CONTINUITY_DELAY_MS: count.default(120_000),
  AGENT_UNDO_SECONDS: whole(0, 3_600).default(30),
  NOTICE_GROUP_SECONDS: whole(0, 3_600).default(60),
  CONVERSATION_MESSAGE_PER_MINUTE_LIMIT: count.default(200),
  AUTOMATIC_MAIL_PER_HOUR: whole(0).default(10),
  AUTOMATIC_MAIL_UNPROVEN_PER_DAY: whole(0).default(1),
  AUTOMATIC_MAIL_UNPROVEN_PER_ACCOUNT: whole(0).default(60),
  ANSWERS_TO_CLAIMED_PER_DAY: whole(0).default(10),
  WEBHOOK_TIMEOUT_MS: count.default(5_000),
  SAFE_URL_ALLOW: list.default([]),
  RUN_HTTP: flag.default(true),
  RUN_SMTP: flag.default(true),
  RUN_WORKER: flag.default(true),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  RETHREAD_URL: url('http:', 'https:').optional(),
  RETHREAD_TOKEN: text.optional(),
} as const

const addedKinds = {
  text: text.optional(),
  list: list.default([]),
  seconds: whole(0).default(0),
  url: url('http:', 'https:').optional(),
}

/** A setting that a provider of src/ingress/providers brings along. */
export interface AddedSetting {
  readonly kind: keyof typeof addedKinds
  /** As it would be written; without it unset, empty or 0. */
  readonly default?: string
  /** One sentence, for `.env.example` and docs/install/mail-in/providers. */
  readonly meaning: string
}

/** Contributions of the ingresses: the names that RAILS_INBOUND_EMAIL_SERVICE accepts, and their settings. */
export interface Channels {
  readonly services: readonly string[]
  readonly settings: Readonly<Record<string, AddedSetting>>
}

/** The values of added settings, by their definitions. */
export type AddedValues<S extends Channels['settings']> = {
  readonly [Name in keyof S]: z.output<(typeof addedKinds)[S[Name]['kind']]>
}

/** How an added setting is read. */
export function readerOf(setting: AddedSetting): z.ZodType {
  const kind: z.ZodType = addedKinds[setting.kind]
  return setting.default === undefined ? kind : kind.default(kind.parse(setting.default))
}

type Settings = z.output<z.ZodObject<typeof settings>>
export type Config = Omit<Settings, 'PUBLIC_URL' | 'DATA_DIR'> & {
  readonly PUBLIC_URL: string
  /** Absolute. */
  readonly DATA_DIR: string
  /** Settings of the providers, by name; typed where the provider reads them. */
  readonly added: Readonly<Record<string, unknown>>
  /** True if an address is one of TRUSTED_RELAYS. Never throws. */
  readonly isTrustedRelay: (address: string | null | undefined) => boolean
  /** True if an address is one of PROXY_PROTOCOL_FROM. Never throws. */
  readonly isHeaderProxy: (address: string | null | undefined) => boolean
  /** True if an address is one of XCLIENT_FROM. Never throws. */
  readonly isClientProxy: (address: string | null | undefined) => boolean
}

/** Aliases from Rails and Chatwoot. */
const aliases: Readonly<Record<string, keyof typeof settings>> = {
  INBOUND_EMAIL_SERVICE: 'RAILS_INBOUND_EMAIL_SERVICE',
  MAILER_INBOUND_EMAIL_DOMAIN: 'INBOUND_EMAIL_DOMAIN',
}

const secretNames = /^(?:TRANSPORTS|ALERT_WEBHOOK_URL)$|(?:PASSWORD|TOKEN|_KEY|SECRET|SECRET_KEY_BASE|_BASIC)$/

// A limit is not a secret; an address may hold a password, and that of a chat's webhook is one.
function isSecret(name: string, value: string): boolean {
  if (name.startsWith('RATE_LIMIT_')) return false
  return secretNames.test(name) || (name.endsWith('_URL') && value.includes('@'))
}

/** Invalid settings, one line each; exit status 78 (EX_CONFIG). */
export class ConfigError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.name = 'ConfigError'
    this.problems = problems
  }
}

const noChannels: Channels = { services: [], settings: {} }

/**
 * Reads the settings of `env` (default: process.env over `.env`), those of `channels` among them. Throws `ConfigError`
 * naming every mistake at once.
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>> = { ...readDotEnv(), ...process.env },
  channels: Channels = noChannels,
): Config {
  const readers = Object.fromEntries(
    Object.entries(channels.settings).map(([name, setting]) => [name, readerOf(setting)]),
  )
  const given = namedValues(env, [...Object.keys(settings), ...Object.keys(readers)])
  const result = z.object(settings).safeParse(given)
  const added = z.object(readers).safeParse(given)
  const problems = [
    ...(result.success ? pairProblems(result.data) : describe(result.error, given)),
    ...serviceProblems(given, channels),
    ...(added.success ? [] : describe(added.error, given)),
  ]
  if (!result.success || !added.success || problems.length > 0) throw new ConfigError(problems)
  const values = result.data
  const { PUBLIC_URL = `http://${values.HOST}:${String(values.PORT)}` } = values
  return {
    ...values,
    PUBLIC_URL,
    DATA_DIR: resolve(values.DATA_DIR),
    added: added.data,
    isTrustedRelay: networkMatcher(values.TRUSTED_RELAYS),
    isHeaderProxy: networkMatcher(values.PROXY_PROTOCOL_FROM),
    isClientProxy: networkMatcher(values.XCLIENT_FROM),
  }
}

// Commands do not check the names of ingresses: the service does.
function serviceProblems(given: Readonly<Record<string, string>>, { services }: Channels): string[] {
  const known = { RAILS_INBOUND_EMAIL_SERVICE: services, CANARY_INGRESS: ['smtp', 'lmtp', ...services] }
  return Object.entries(known).flatMap(([name, names]) => {
    const value = given[name] ?? ''
    const isKnown = services.length === 0 || list.parse(value).every((one) => names.includes(one))
    return isKnown ? [] : [`${name}: must name services of: ${names.join(' ')} (got "${value}")`]
  })
}

function namedValues(
  env: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Record<string, string> {
  const given: Record<string, string> = {}
  for (const [alias, name] of Object.entries(aliases)) {
    const value = env[alias]?.trim()
    if (value) given[name] = value
  }
  for (const name of names) {
    const value = env[name]?.trim()
    if (value) given[name] = value
  }
  return given
}

function pairProblems(values: Settings): string[] {
  const problems = findTransportProblems(values.TRANSPORTS, values.OUTBOUND_SMTP_URL)
  if ((values.SMTP_TLS_CERT === undefined) !== (values.SMTP_TLS_KEY === undefined))
    problems.push('SMTP_TLS_CERT: needs SMTP_TLS_KEY beside it, and the other way round')
  if (values.MAX_BYTES_IN_FLIGHT < values.MAX_MESSAGE_BYTES)
    problems.push(
      `MAX_BYTES_IN_FLIGHT: must be at least MAX_MESSAGE_BYTES (got "${String(values.MAX_BYTES_IN_FLIGHT)}")`,
    )
  return problems
}

function describe({ issues }: z.ZodError, given: Readonly<Record<string, string>>): string[] {
  return issues.map((issue) => {
    const name = String(issue.path[0] ?? '')
    const value = given[name] ?? ''
    return `${name}: ${issue.message} (got "${isSecret(name, value) ? '****' : value}")`
  })
}

/** Names in `.env` that nothing reads: misspelt, or of another version. */
export function findUnknownSettings(channels: Channels = noChannels): string[] {
  const known = [...Object.keys(settings), ...Object.keys(aliases), ...Object.keys(channels.settings)]
  return Object.keys(readDotEnv()).filter((name) => !known.includes(name))
}

function readDotEnv(): Record<string, string | undefined> {
  try {
    return parseEnv(readFileSync('.env', 'utf8'))
  } catch {
    return {}
  }
}

/** True if `npm start` runs this process: npm 11 ends on SIGTERM without passing it on. */
export const isStartedByNpm = (): boolean => process.env['npm_lifecycle_event'] === 'start'
