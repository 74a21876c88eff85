// `doctor`: waiting mail, the receivers of webhooks, and that of alarms.

import type { Config } from '../../config.ts'
import type { Database } from '../../db/open.ts'
import { readWebhookHealth } from '../../events/webhooks/webhook-health.ts'
import { createReach } from '../../http-client/address-policy.ts'
import { findAlarmReceivers } from '../../store/canaries/alarm.ts'
import { readDelayedMail, readWaitingPost, readWork } from '../../store/health.ts'
import { fail, type Finding, look, pass, sayAge } from './finding.ts'

interface Reporter {
  readonly config: Config
  readonly database: Database
}

/** A fault that lasts longer is a failure; before, a warning. */
const patienceSeconds = 3_600
const maxError = 200

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

/** The receiver of the installation's alarms. */
export async function examineAlerts({ config, database }: Reporter): Promise<Finding> {
  const { ALERT_WEBHOOK_URL: url, SAFE_URL_ALLOW: allowed } = config
  if (url === undefined) return examineAlarmMail(config.CANARY_MINUTES, await findAlarmReceivers(database.pool))
  const refusal = await createReach(allowed).findRefusal(url)
  if (refusal !== null) return fail(`ALERT_WEBHOOK_URL: ${refusal}`)
  const waiting = await readWaitingPost(database.pool)
  const { host } = new URL(url)
  if (waiting === null) return pass(`alarms are posted to ${host}`)
  const says = `an alarm for ${host} has waited for ${sayAge(waiting.seconds)}, last error: `
  return look(`${says}${waiting.error.slice(0, maxError)}`)
}

function examineAlarmMail(canaryMinutes: number, receivers: readonly string[]): Finding {
  const unset = 'ALERT_WEBHOOK_URL is not set'
  if (canaryMinutes === 0) return pass(`${unset}, and without canaries there are no alarms`)
  return receivers.length > 0
    ? pass(`${unset}: alarms are metrics, and are mailed to the administrators`)
    : look(
        `${unset}, and no administrator of the installation has an address that can receive mail: alarms are metrics ` +
          'only. Give an administrator an address in Settings, Profile',
      )
}
