// The work of canaries: each leaves through its own transport, and alarms are mailed and posted. A canary that cannot
// be sent is not tried again: the next one is due soon.

import { randomBytes } from 'node:crypto'

import type { Config } from '../../config.ts'
import type { Pool } from '../../db/pool.ts'
import { notifyAlert, sendCanary } from '../../delivery/send-canary.ts'
import { TransportError } from '../../delivery/transport.ts'
import type { Transports } from '../../delivery/transports/create-transports.ts'
import { toMailError } from '../../errors.ts'
import { postAlert } from '../../events/webhooks/post-alert.ts'
import { createGuardedPost } from '../../http-client/guarded-post.ts'
import { formatCanaryAddress } from '../../mail/reply-address.ts'
import type { Handlers } from '../../queue/runner.ts'
import { canaryKeys, noteHandedOver, noteNotSent, prepareCanary } from '../../store/canaries/canaries.ts'
import { readAlarms } from '../../store/canaries/judged.ts'
import { transportsOf } from '../transports-of.ts'

interface Deps {
  readonly config: Config
  readonly pool: Pool
  readonly secretKey: Buffer
}

/** The handlers of its work. */
export function createCanaryHandlers(
  { config, pool, secretKey }: Deps,
  { handOverThrough }: Pick<Transports, 'handOverThrough'>,
): Pick<Handlers, 'send-canary' | 'notify-alert' | 'post-alert'> {
  const options = {
    handOverThrough,
    defaultDomain: config.INBOUND_EMAIL_DOMAIN,
    senderEmail: config.MAILER_SENDER_EMAIL ?? null,
    publicUrl: config.PUBLIC_URL,
  }
  const post = createGuardedPost(config.SAFE_URL_ALLOW)
  return {
    'send-canary': {
      run: async ({ canaryId: id }) => {
        const token = randomBytes(16).toString('hex')
        const { hash, proof } = canaryKeys(secretKey, token)
        const transport = await prepareCanary(pool, id, hash)
        if (transport === null) return
        const to = formatCanaryAddress(token, options.defaultDomain)
        try {
          await noteHandedOver(pool, id, await sendCanary(options, { id, transport, to, proof }))
        } catch (error) {
          await noteNotSent(pool, id, faultOf(error))
        }
      },
    },
    'notify-alert': {
      run: async ({ alert, email }) => {
        const names = transportsOf(config).map(({ name }) => name)
        const transports = othersFirst(names, alert.transport, await readAlarms(pool))
        await notifyAlert(options, alert, { email, transports })
      },
    },
    'post-alert': {
      run: async ({ alert }) => {
        const { ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRET: secret = null, WEBHOOK_TIMEOUT_MS: timeoutMs } = config
        if (url === undefined) return
        await postAlert({ post, timeoutMs, target: { url, secret }, publicUrl: config.PUBLIC_URL }, alert)
      },
    },
  }
}

// Those without an alarm, those with one, and the one that the alarm is about.
function othersFirst(names: readonly string[], about: string, alarms: readonly string[]): string[] {
  const rank = (name: string): number => {
    if (name === about) return 2
    return alarms.includes(name) ? 1 : 0
  }
  return names.toSorted((one, other) => rank(one) - rank(other))
}

function faultOf(error: unknown): Parameters<typeof noteNotSent>[2] {
  const { message } = toMailError(error)
  if (!(error instanceof TransportError)) return { outcome: 'not-sent', server: null, error: message }
  const outcomes = { unreached: 'not-sent', answered: 'refused', unknown: null } as const
  return { outcome: outcomes[error.reach], server: error.server, error: message }
}
