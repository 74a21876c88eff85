// The canary's way: sent by a worker, recognised where mail is accepted, before anything of it is stored. A mail is a
// canary that came back if its envelope names one that is under way and its head has the proof; without the proof it is
// refused like mail for an unknown recipient, and the real one is still waited for.

import { randomBytes, timingSafeEqual } from 'node:crypto'

import type { Config } from '../config.ts'
import type { Pool } from '../db/pool.ts'
import { canaryField, notifyCanary, sendCanary } from '../delivery/send-canary.ts'
import type { Transports } from '../delivery/transports/create-transports.ts'
import { MailError, toMailError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Submission } from '../mail/envelope.ts'
import { splitHead } from '../mail/header/split-head.ts'
import { formatCanaryAddress, readCanaryToken } from '../mail/reply-address.ts'
import type { Handlers } from '../queue/runner.ts'
import type { Accept } from '../store/accept.ts'
import {
  canaryKeys,
  isCanaryUnderWay,
  judgeCanaries,
  noteHandedOver,
  noteNotSent,
  noteReturned,
  prepareCanary,
  queueCanary,
} from '../store/canaries.ts'

interface Deps {
  readonly config: Config
  readonly log: Log
  readonly pool: Pool
  readonly secretKey: Buffer
}

/** The handlers of its work. A canary that cannot be sent is not tried again: the next one is due soon. */
export function createCanaryHandlers(
  { config, pool, secretKey }: Omit<Deps, 'log'>,
  { send, handOver }: Pick<Transports, 'send' | 'handOver'>,
): Pick<Handlers, 'send-canary' | 'notify-canary'> {
  const options = {
    pool,
    send,
    handOver,
    defaultDomain: config.INBOUND_EMAIL_DOMAIN,
    senderEmail: config.MAILER_SENDER_EMAIL ?? null,
    publicUrl: config.PUBLIC_URL,
  }
  return {
    'send-canary': {
      run: async ({ canaryId }) => {
        const token = randomBytes(16).toString('hex')
        const { hash, proof } = canaryKeys(secretKey, token)
        if (!(await prepareCanary(pool, canaryId, hash))) return
        try {
          const to = formatCanaryAddress(token, options.defaultDomain)
          await noteHandedOver(pool, canaryId, await sendCanary(options, { to, id: canaryId, proof }))
        } catch (error) {
          await noteNotSent(pool, canaryId, toMailError(error).message)
        }
      },
    },
    'notify-canary': {
      run: ({ state, says }) => notifyCanary(options, { state, says, id: randomBytes(8).toString('hex') }),
    },
  }
}

export function createCanaryWatch({ config, log, pool, secretKey }: Deps) {
  const isOn = config.CANARY_MINUTES > 0 && config.OUTBOUND_SMTP_URL !== undefined
  const findHash = (address: string): Buffer | null => {
    const read = readCanaryToken(address)
    return isOn && read?.domain === config.INBOUND_EMAIL_DOMAIN ? canaryKeys(secretKey, read.token).hash : null
  }
  const take = async ({ raw, ingress, peer }: Submission, recipient: string): Promise<void> => {
    const { hash, proof } = canaryKeys(secretKey, readCanaryToken(recipient)?.token ?? '')
    const seconds = hasProof(raw, proof)
      ? await noteReturned(pool, { hash, ingress, lateSeconds: config.CANARY_LATE_SECONDS })
      : null
    if (seconds === null) {
      log.warn('canary-refused', { ingress, peer: peer.address })
      throw new MailError('unknown-recipient', 'a mail to the address of a canary is none that is waited for')
    }
    log.info('canary-returned', { ingress, seconds })
  }
  return {
    /** At RCPT: the address of a canary that is under way is known, and no other. */
    checkRecipient:
      (check: (address: string) => Promise<'known' | 'unknown'>) =>
      async (address: string): Promise<'known' | 'unknown'> => {
        const hash = findHash(address)
        return hash !== null && (await isCanaryUnderWay(pool, hash)) ? 'known' : check(address)
      },
    /** `accept` without the canaries; other recipients of the same mail get it. */
    withCanaries:
      (accept: Accept): Accept =>
      async (submission) => {
        const { recipients } = submission.envelope
        const others = recipients.filter((recipient) => readCanaryToken(recipient) === null)
        const [canary] = recipients.filter((recipient) => findHash(recipient) !== null)
        if (others.length > 0 || canary === undefined) return accept(submission)
        await take(submission, canary)
        return { id: 0, duplicate: false }
      },
    /** To be called every few seconds; true when work was queued. */
    tick: async (): Promise<boolean> => {
      if (!isOn) return false
      await judgeCanaries(pool, config.CANARY_LATE_SECONDS)
      return queueCanary(pool, config.CANARY_MINUTES)
    },
  }
}

function hasProof(raw: Buffer, proof: string): boolean {
  const wanted = Buffer.from(proof)
  return splitHead(raw).fields.some(({ name, value }) => {
    const given = Buffer.from(name.toLowerCase() === canaryField.toLowerCase() ? value.trim() : '')
    return given.length === wanted.length && timingSafeEqual(given, wanted)
  })
}
