// `doctor`: outgoing mail (it connects to the SMTP server), waiting mail, and the receivers of webhooks.

import { join } from 'node:path'

import type { Config } from '../../config.ts'
import type { Database } from '../../db/open.ts'
import { verifyTransport } from '../../delivery/transport.ts'
import { readWebhookHealth } from '../../events/webhooks/webhook-health.ts'
import { readCanaryHealth, sayCanary } from '../../store/canaries.ts'
import { readDelayedMail, readWork } from '../../store/health.ts'
import { fail, type Finding, look, pass, sayAge } from './finding.ts'

interface Reporter {
  readonly config: Config
  readonly database: Database
}

const verifyTimeoutMs = 8_000
/** A fault that lasts longer is a failure; before, a warning. */
const patienceSeconds = 3_600
const maxError = 200

/** Connects, with TLS and login; nothing is sent. */
export async function examineOutbound({ config }: Reporter): Promise<Finding> {
  const url = config.OUTBOUND_SMTP_URL
  if (url === undefined)
    return look(`OUTBOUND_SMTP_URL is not set: mail is written to ${join(config.DATA_DIR, 'outbox')} and sent nowhere`)
  const host = new URL(url).host
  try {
    await withTimeout(verifyTransport(url, verifyTimeoutMs))
    return pass(`${host} accepts the connection${new URL(url).username === '' ? '' : ' and login'}`)
  } catch (error) {
    return fail(`${host}: ${sayError(error)}. Outgoing mail waits. Check OUTBOUND_SMTP_URL.`)
  }
}

async function withTimeout(action: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${String(verifyTimeoutMs / 1000)} s`))
    }, verifyTimeoutMs)
  })
  await Promise.race([action, late]).finally(() => {
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
  if (config.OUTBOUND_SMTP_URL === undefined) return look('OUTBOUND_SMTP_URL is not set: none is sent')
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
