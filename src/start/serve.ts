// `rethread serve`: settings, database, key, first start, doors; then until SIGTERM or SIGINT. A start that fails says why in one sentence.

import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'

import { startApp } from '../app.ts'
import { ConfigError, findUnknownSettings, readConfig, type Config } from '../config.ts'
import { grantAdministrator, hasAccessToken, makeFirstAccount } from '../conversations/people/first-start.ts'
import { findDurabilityFaults, openDatabase, type Database } from '../db/open.ts'
import { MailError } from '../errors.ts'
import { ways } from '../ingress/providers.ts'
import { createLog, type Log } from '../log.ts'
import { readSecretKey } from '../store/secret-key.ts'
import { keepSecret } from './kept-secret.ts'
import { banner, firstStartText } from './welcome.ts'

/** Resolves with the exit status when the service has stopped: 0, 78 for settings, 75 for what may pass. */
export async function run(): Promise<number> {
  try {
    const config = readConfig(undefined, ways)
    const log = createLog(config.LOG_LEVEL)
    for (const name of findUnknownSettings(ways)) log.warn('setting-unknown', { name, meaning: 'a line of .env that nothing reads: misspelt, or of another version' })
    return await serve(config, log)
  } catch (error) {
    process.stderr.write(`${explainFailure(error)}\n`)
    return isConfiguration(error) ? 78 : 75
  }
}

async function serve(config: Config, log: Log): Promise<number> {
  const stop = whenAskedToStop()
  const database = await openDatabase({
    url: config.DATABASE_URL,
    dataDir: config.DATA_DIR,
    poolSize: config.DATABASE_POOL_SIZE,
    onError: (error) => {
      log.warn('fault', { error, during: 'idle connection' })
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

async function runApp({ config, log, database }: { config: Config; log: Log; database: Database }, stop: Promise<string>): Promise<number> {
  const { pool } = database
  const secretKey = await readSecretKey(pool, { given: config.SECRET_KEY_BASE, dataDir: config.DATA_DIR, embedded: database.embeddedFolder })
  const { ingressPassword, isNew } = await readIngressPassword(config)
  const welcome = await makeFirstAccount(pool, config.INBOUND_EMAIL_DOMAIN)
  if (isNew && welcome === null) log.warn('password-made', { file: `${config.DATA_DIR}/ingress-password`, meaning: 'there was none in this folder: whoever posts mail with another password is told 401' })
  const makeToken = (await hasAccessToken(pool)) ? null : () => randomBytes(24).toString('hex')
  const token = config.ADMIN_ACCESS_TOKEN ?? (await keepSecret(config.DATA_DIR, 'admin-token', makeToken))
  if (token !== null) await grantAdministrator(pool, token)
  const app = await startApp({ config, log, database, secretKey, ingressPassword, version: version() })
  if (welcome === null) process.stdout.write(banner(config, app.ports))
  else process.stdout.write(firstStartText({ config, ports: app.ports, welcome, replyToken: await app.issueToken(welcome.place), ingressPassword, token: token ?? '', databaseFolder: database.embeddedFolder }))
  log.info('started', { version: version(), migrated: database.migrated, database: database.embeddedFolder ?? 'server' })
  log.info('stopping', { signal: await stop })
  await app.stop()
  return 0
}

async function readIngressPassword({ RAILS_INBOUND_EMAIL_PASSWORD: given, DATA_DIR }: Config): Promise<{ ingressPassword: string; isNew: boolean }> {
  let isNew = false
  const make = (): string => {
    isNew = true
    return randomBytes(18).toString('hex')
  }
  const ingressPassword = given ?? (await keepSecret(DATA_DIR, 'ingress-password', make))
  return { ingressPassword, isNew }
}

// A second signal ends at once: what was acknowledged is stored, the rest was not promised.
function whenAskedToStop(): Promise<string> {
  return new Promise((resolve) => {
    let asked = false
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(1)
        asked = true
        resolve(signal)
      })
    }
  })
}

function version(): string {
  return (createRequire(import.meta.url)('../../package.json') as { version: string }).version
}

function isConfiguration(error: unknown): boolean {
  return error instanceof ConfigError || (error instanceof MailError && error.kind === 'misconfigured') || (error instanceof Error && 'code' in error && unwritable.test(String(error.code)))
}

const unwritable = /^(EACCES|EPERM|EROFS|ENOTDIR|EEXIST)$/

function explainFailure(error: unknown): string {
  if (error instanceof ConfigError) return `rethread cannot start; these settings are wrong:\n${error.problems.map((problem) => `  ${problem}`).join('\n')}\nEvery setting is explained in .env.example.`
  const { message, stack, code } = describe(error)
  if (error instanceof MailError && error.kind === 'misconfigured') return `rethread cannot start: ${message}`
  if (unwritable.test(code)) return `rethread cannot start: DATA_DIR cannot be written (${message}). Choose a folder of this user's, or set DATABASE_URL.`
  if (noServer.test(code))
    return `rethread cannot start: the PostgreSQL server of DATABASE_URL does not take us (${message}). No mail was taken. See that it runs, and that it has the database and the user that DATABASE_URL names; then start again.`
  return `rethread cannot start: ${stack}`
}

const noServer = /^(ECONN|ENOTFOUND|ETIMEDOUT|28|3D|57)/

function describe(error: unknown): { message: string; stack: string; code: string } {
  if (!(error instanceof Error)) return { message: String(error), stack: String(error), code: '' }
  return { message: error.message || error.name, stack: error.stack ?? error.message, code: 'code' in error ? String(error.code) : '' }
}
