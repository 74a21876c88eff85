// `doctor`: a line for each transport by which mail leaves (it connects and logs in), and one for its canaries. Where
// OUTBOUND_SMTP_URL is the only one, the lines have no name.

import { join } from 'node:path'

import type { Config } from '../../config.ts'
import type { TransportSettings } from '../../contracts/transport-settings.ts'
import type { Database } from '../../db/open.ts'
import { createRoute } from '../../delivery/transports/create-transports.ts'
import { createGuardedPost } from '../../http-client/guarded-post.ts'
import { type CanaryHealth, readCanaryHealth, sayCanary } from '../../store/canaries/judged.ts'
import { canaryTransportsOf, transportsOf } from '../transports-of.ts'
import { type Check, fail, type Finding, look, pass } from './finding.ts'

const verifyTimeoutMs = 8_000
const maxError = 200

interface Reporter {
  readonly config: Config
  readonly database: Database
}

/** Connects to each and logs in; nothing is sent. Never throws. */
export async function examineWaysOut({ config }: Pick<Reporter, 'config'>): Promise<Check[]> {
  const transports = transportsOf(config)
  if (transports.length === 0) {
    const folder = join(config.DATA_DIR, 'outbox')
    return [{ name: 'way out', ...look(`OUTBOUND_SMTP_URL is not set: mail is written to ${folder} and sent nowhere`) }]
  }
  return Promise.all(
    transports.map(async (one) => ({ name: nameOf('way out', config, one.name), ...(await tryLogin(config, one)) })),
  )
}

/** The last canary of each, and where it was lost. Throws when the database does not answer. */
export async function examineCanaries({ config, database }: Reporter): Promise<Check[]> {
  const name = 'canary'
  if (config.CANARY_MINUTES === 0)
    return [{ name, ...pass('CANARY_MINUTES is 0: no mail is sent to see that it comes back') }]
  const transports = canaryTransportsOf(config)
  if (transports.length === 0) return [{ name, ...look('OUTBOUND_SMTP_URL is not set: none is sent') }]
  const canaries = await readCanaryHealth(database.pool, transports)
  return canaries.map((one) => ({ name: nameOf(name, config, one.transport), ...judgeCanary(one) }))
}

function nameOf(check: string, { TRANSPORTS: named }: Config, transport: string): string {
  return named === undefined ? check : `${check} ${transport}`
}

async function tryLogin(config: Config, settings: TransportSettings): Promise<Finding> {
  const where = settings.kind === 'smtp' ? new URL(settings.url).host : settings.kind
  const setting = config.TRANSPORTS === undefined ? 'OUTBOUND_SMTP_URL' : `"${settings.name}" in TRANSPORTS`
  try {
    const route = createRoute(settings, createGuardedPost(config.SAFE_URL_ALLOW))
    try {
      return pass(await withTimeout(route.verify(verifyTimeoutMs)))
    } finally {
      route.close()
    }
  } catch (error) {
    return fail(`${where}: ${sayError(error)}. Outgoing mail waits. Check ${setting}.`)
  }
}

async function withTimeout(action: Promise<string>): Promise<string> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${String(verifyTimeoutMs / 1000)} s`))
    }, verifyTimeoutMs)
  })
  return Promise.race([action, late]).finally(() => {
    clearTimeout(timer)
  })
}

function sayError(error: unknown): string {
  const { code = '', message = String(error) } = error as { code?: string; message?: string }
  const words = message.replace(/\s+/g, ' ').slice(0, maxError)
  return code === 'EAUTH' ? `refuses the login: ${words}` : words
}

function judgeCanary({ last, isAlarm }: CanaryHealth): Finding {
  if (last === null) return look('none has been judged yet')
  const says = `the last one was ${sayCanary(last)}`
  if (isAlarm) return fail(`${says}. Customers may not get answers, or their replies may not arrive.`)
  return last.outcome === 'returned' ? pass(says) : look(says)
}
