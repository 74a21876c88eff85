// `rethread serve`: settings, database, key, first start, listeners; then until SIGTERM or SIGINT. A start that fails
// prints the reason in one sentence.

import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'

import { startApp } from '../../app/app.ts'
import { checkSigners } from '../../app/transports-of.ts'
import { type Config, ConfigError, findUnknownSettings, isStartedByNpm, readConfig } from '../../config.ts'
import { noteReplyDomains } from '../../conversations/domains/reply-domains.ts'
import { grantAdministrator, hasAccessToken, makeFirstAccount } from '../../conversations/people/first-start.ts'
import { createLoginLink } from '../../conversations/sign-in/login-links.ts'
import { type Database, findDurabilityFaults, openDatabase } from '../../db/open.ts'
import { MailError } from '../../errors.ts'
import { channels } from '../../ingress/providers.ts'
import { createLog, type Log } from '../../log.ts'
import { readSecretKey } from '../../store/secret-key.ts'
import { cannotConnect } from './cannot-connect.ts'
import { keepSecret } from './generated-secret.ts'
import { banner, type FirstStart, firstStartText } from './welcome.ts'

/** Resolves with the exit status when the service has stopped: 0, 78 for settings, 75 for what may pass. */
export async function run(): Promise<number> {
  try {
    const config = readConfig(undefined, channels)
    checkSigners(config)
    const log = createLog(config.LOG_LEVEL)
    for (const name of findUnknownSettings(channels))
      log.warn('setting-unknown', {
        name,
        meaning: 'unknown setting in .env: misspelt, or of another version',
      })
    return await serve(config, log)
  } catch (error) {
    process.stderr.write(`${explainFailure(error)}\n`)
    return isConfiguration(error) ? 78 : 75
  }
}

async function serve(config: Config, log: Log): Promise<number> {
  const stop = onStopSignal()
  const database = await openDatabase({
    url: config.DATABASE_URL,
    dataDir: config.DATA_DIR,
    poolSize: config.DATABASE_POOL_SIZE,
    api: { poolSize: config.DATABASE_API_POOL_SIZE, statementTimeoutMs: config.API_STATEMENT_TIMEOUT_MS },
    onError: (error) => {
      log.warn('fault', { error, during: 'idle connection' })
    },
    onProgress: (sentence) => {
      log.info('database-conversion', { sentence })
    },
  })
  try {
    for (const fault of await findDurabilityFaults(database.pool)) log.error('durability-off', { fault })
    return await runApp({ config, log, database }, stop)
  } finally {
    await database.close()
    log.info('stopped')
  }
}

async function runApp(
  { config, log, database }: { config: Config; log: Log; database: Database },
  stop: Promise<string>,
): Promise<number> {
  const { pool } = database
  const secretKey = await readSecretKey(pool, {
    given: config.SECRET_KEY_BASE,
    dataDir: config.DATA_DIR,
    embedded: database.embeddedFolder,
  })
  const { ingressPassword, isNew } = await readIngressPassword(config)
  const expiresDays = config.REPLY_TOKEN_EXPIRES_DAYS
  await noteReplyDomains(pool, { domain: config.INBOUND_EMAIL_DOMAIN, expiresDays })
  const welcome = await makeFirstAccount(pool, config.INBOUND_EMAIL_DOMAIN)
  if (isNew && welcome === null)
    log.warn('password-made', {
      file: `${config.DATA_DIR}/ingress-password`,
      meaning: 'this folder had none: clients that post mail with another password get 401',
    })
  const makeToken = (await hasAccessToken(pool)) ? null : () => randomBytes(24).toString('hex')
  const token = config.ADMIN_ACCESS_TOKEN ?? (await keepSecret(config.DATA_DIR, 'admin-token', makeToken))
  if (token !== null) await grantAdministrator(pool, token)
  const app = await startApp({ config, log, database, secretKey, ingressPassword, version: version() })
  const found = { pool, ingressPassword, token: token ?? '', databaseFolder: database.embeddedFolder }
  process.stdout.write(welcome === null ? banner(config, app.ports) : await greet(config, app, { ...found, welcome }))
  log.info('started', {
    version: version(),
    migrated: database.migrated.length,
    database: database.embeddedFolder ?? 'server',
  })
  log.info('stopping', { signal: await stop })
  endInTime(log, database)
  await app.stop()
  return 0
}

const firstLinkMinutes = 24 * 60

async function greet(
  config: Config,
  { ports, issueToken }: Pick<Awaited<ReturnType<typeof startApp>>, 'ports' | 'issueToken'>,
  {
    pool,
    ...facts
  }: Pick<FirstStart, 'welcome' | 'ingressPassword' | 'token' | 'databaseFolder'> & {
    readonly pool: Database['pool']
  },
): Promise<string> {
  return firstStartText({
    config,
    ports,
    ...facts,
    replyToken: await issueToken(facts.welcome.tokenTarget),
    loginCode: (await createLoginLink(pool, { first: true }, firstLinkMinutes))?.code ?? '',
  })
}

// Requests under way have ten seconds to finish (listen.ts, smtp/shutdown.ts). Queries and handlers that are still
// running after that are cut off, before a service manager kills this process and the embedded database with it.
const abortAfterMs = 12_000
const exitAfterMs = 18_000

function endInTime(log: Log, database: Database): void {
  setTimeout(() => {
    log.warn('stop-forced', {
      meaning: 'some work was still running: its database sessions were closed, stored data stays',
    })
    database.abort()
  }, abortAfterMs).unref()
  setTimeout(() => {
    log.warn('stop-forced', { meaning: 'the process ends now; the embedded database ends after it' })
    process.exit(0)
  }, exitAfterMs).unref()
}

async function readIngressPassword({
  RAILS_INBOUND_EMAIL_PASSWORD: given,
  DATA_DIR,
}: Config): Promise<{ ingressPassword: string; isNew: boolean }> {
  let isNew = false
  const make = (): string => {
    isNew = true
    return randomBytes(18).toString('hex')
  }
  const ingressPassword = given ?? (await keepSecret(DATA_DIR, 'ingress-password', make))
  return { ingressPassword, isNew }
}

// A second signal ends at once: acknowledged mail is stored, the rest was not acknowledged.
function onStopSignal(): Promise<string> {
  return new Promise((resolve) => {
    let asked = false
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(1)
        asked = true
        resolve(signal)
      })
    }
    if (isStartedByNpm())
      whenParentEnds(() => {
        asked = true
        resolve('the end of npm')
      })
  })
}

const lookForParentMs = 500

// A process whose parent has ended belongs to another.
function whenParentEnds(action: () => void): void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    action()
  }, lookForParentMs)
  timer.unref()
}

function version(): string {
  return (createRequire(import.meta.url)('../../../package.json') as { version: string }).version
}

function isConfiguration(error: unknown): boolean {
  return (
    error instanceof ConfigError ||
    (error instanceof MailError && error.kind === 'misconfigured') ||
    (error instanceof Error && 'code' in error && unwritable.test(String(error.code)))
  )
}

const unwritable = /^(EACCES|EPERM|EROFS|ENOTDIR|EEXIST)$/

function explainFailure(error: unknown): string {
  if (error instanceof ConfigError)
    return (
      'rethread cannot start; these settings are ' +
      `wrong:\n${error.problems.map((problem) => `  ${problem}`).join('\n')}\nEvery setting is explained in ` +
      '.env.example.'
    )
  const { message, stack, code } = describe(error)
  const refused = cannotConnect(readConfig(undefined, channels).DATABASE_URL, error)
  if (error instanceof MailError && error.kind === 'misconfigured') return `rethread cannot start: ${message}`
  if (unwritable.test(code))
    return (
      `rethread cannot start: DATA_DIR cannot be written (${message}). Choose a folder of this user's, or ` +
      'set DATABASE_URL.'
    )
  if (refused !== null) return `rethread cannot start: ${refused} Check DATABASE_URL. No mail was accepted.`
  return `rethread cannot start: ${stack}`
}

function describe(error: unknown): { message: string; stack: string; code: string } {
  if (!(error instanceof Error)) return { message: String(error), stack: String(error), code: '' }
  return {
    message: error.message || error.name,
    stack: error.stack ?? error.message,
    code: 'code' in error ? String(error.code) : '',
  }
}
