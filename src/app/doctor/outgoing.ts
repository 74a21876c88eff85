// `doctor`: outgoing mail (it connects to the SMTP server), waiting mail, and the receivers of webhooks.

import { join } from 'node:path'

import type { Config } from '../../config.ts'
import type { TransportSettings } from '../../contracts/transport-settings.ts'
import type { Database } from '../../db/open.ts'
import { createRoute } from '../../delivery/transports/create-transports.ts'
import { readWebhookHealth } from '../../events/webhooks/webhook-health.ts'
import { createGuardedPost } from '../../http-client/guarded-post.ts'
import { readCanaryHealth, sayCanary } from '../../store/canaries.ts'
import { readDelayedMail, readWork } from '../../store/health.ts'
import { transportsOf } from '../transports-of.ts'
import { fail, type Finding, look, pass, sayAge } from './finding.ts'

interface Reporter {
  readonly config: Config
  readonly database: Database
}

const verifyTimeoutMs = 8_000
/** A fault that lasts longer is a failure; before, a warning. */
const patienceSeconds = 3_600
const maxError = 200

/** Connects to each transport, with TLS and login; nothing is sent. */
export async function examineOutbound({ config }: Reporter): Promise<Finding> {
  const transports = transportsOf(config)
  if (transports.length === 0)
    return look(`OUTBOUND_SMTP_URL is not set: mail is written to ${join(config.DATA_DIR, 'outbox')} and sent nowhere`)
  const isNamed = config.TRANSPORTS !== undefined
  const found = await Promise.all(transports.map((one) => tryLogin(config, one)))
  const words = found
    .map(({ said }, index) => `${isNamed ? `${transports[index]?.name ?? ''}: ` : ''}${said}`)
    .join('; ')
  if (found.every(({ isGood }) => isGood)) return pass(words)
  return fail(`${words} Check ${isNamed ? 'TRANSPORTS' : 'OUTBOUND_SMTP_URL'}.`)
}

async function tryLogin(config: Config, settings: TransportSettings): Promise<{ isGood: boolean; said: string }> {
  const where = settings.kind === 'smtp' ? new URL(settings.url).host : settings.kind
  try {
    const route = createRoute(settings, createGuardedPost(config.SAFE_URL_ALLOW))
    try {
      return { isGood: true, said: await withTimeout(route.verify(verifyTimeoutMs)) }
    } finally {
      route.close()
    }
  } catch (error) {
    return { isGood: false, said: `${where}: ${sayError(error)}. Outgoing mail waits.` }
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

/** Mail that waits for its next attempt, and mail that was given up. */
export async function examineOutgoing({ database }: Reporter): Promise<Finding> {
  const { waiting, failed } = await readWork(database.pool)
  const delayed = await readDelayedMail(database.pool)
  const counts = [
    `${String(waiting)} waiting`,
    ...(failed === 0 ? [] : [`${String(failed)} could not be sent; their messages say why`]),
    ...(delayed === null
      ? []
      : [
          `${String(delayed.count)} tried in vain, the oldest ${sayAge(delayed.seconds)} old, last error: ` +
            delayed.error.slice(0, maxError),
        ]),
  ].join(', ')
  if (failed > 0 || (delayed !== null && delayed.seconds >= patienceSeconds)) return fail(counts)
  return delayed === null ? pass(counts) : look(counts)
}

/** The last mail that the installation sent to itself, and where it was lost. */
export async function examineCanary({ config, database }: Reporter): Promise<Finding> {
  if (config.CANARY_MINUTES === 0) return pass('CANARY_MINUTES is 0: no mail is sent to see that it comes back')
  if (transportsOf(config).length === 0) return look('OUTBOUND_SMTP_URL is not set: none is sent')
  const { last, isAlarm } = await readCanaryHealth(database.pool)
  if (last === null) return look('none has been judged yet')
  const says = `the last one was ${sayCanary(last)}`
  if (isAlarm) return fail(`${says}. Customers may not get answers, or their replies may not arrive.`)
  return last.outcome === 'returned' ? pass(says) : look(says)
}

/** Receivers of webhooks that fail, with the one that has failed longest. */
export async function examineWebhooks({ database }: Reporter): Promise<Finding> {
  const { disabled, failing, waiting, worst } = await readWebhookHealth(database.pool)
  const counts = [
    `${String(waiting)} deliveries waiting, ${String(failing)} receivers failing`,
    ...(disabled === 0 ? [] : [`${String(disabled)} given up: GET webhooks says why; PATCH enables one again`]),
    ...(worst === null
      ? []
      : [`${worst.url} fails for ${sayAge(worst.seconds)}, last error: ${worst.error.slice(0, maxError)}`]),
  ].join('; ')
  if (disabled > 0 || (worst !== null && worst.seconds >= patienceSeconds)) return fail(counts)
  return failing > 0 ? look(counts) : pass(counts)
}
