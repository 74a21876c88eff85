// Recognises canaries where mail is accepted, before anything is stored, whichever ingress they come by. A mail is a
// canary that came back if it is addressed to one and its head has the proof, which is checked without the
// database: it is never stored as mail, not even long after its time or a second time. Without the proof a mail to a
// canary's address alone is refused like one for an unknown recipient, and the real one is still waited for.

import { timingSafeEqual } from 'node:crypto'

import type { Config } from '../../config.ts'
import type { Pool } from '../../db/pool.ts'
import { canaryField } from '../../delivery/send-canary.ts'
import { MailError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Submission } from '../../mail/envelope.ts'
import { readMailboxes } from '../../mail/header/address-list.ts'
import { readFieldValues, splitHead } from '../../mail/header/split-head.ts'
import type { HeaderField } from '../../mail/parsed-mail.ts'
import { readCanaryToken } from '../../mail/reply-address.ts'
import type { Accept } from '../../store/accept.ts'
import type { AcceptNotice } from '../../store/accept-notice.ts'
import { canaryKeys, findCanary, judgeCanaries, noteReturned, queueCanaries } from '../../store/canaries/canaries.ts'
import { canaryTransportsOf } from '../transports-of.ts'

interface Deps {
  readonly config: Config
  readonly log: Log
  readonly pool: Pool
  readonly secretKey: Buffer
}

type Arrived = Pick<Submission, 'raw' | 'ingress' | 'envelope'>

/** What a mail is to canaries. `shared`: it has other recipients as well. */
type Recognised = 'none' | 'returned' | 'repeated' | 'shared' | 'unproven'

export function createCanaryWatch({ config, log, pool, secretKey }: Deps) {
  const transports = canaryTransportsOf(config)
  const lateSeconds = config.CANARY_LATE_SECONDS
  const readToken = (address: string): string | null => {
    const read = readCanaryToken(address)
    return read?.domain === config.INBOUND_EMAIL_DOMAIN ? read.token : null
  }
  const hashOf = (token: string): Buffer => canaryKeys(secretKey, token).hash

  const findProven = (tokens: readonly string[], fields: readonly HeaderField[]): string | undefined => {
    const proofs = readFieldValues(fields, canaryField.toLowerCase())
    return tokens.find((token) => isAmong(proofs, canaryKeys(secretKey, token).proof))
  }

  const noteReturn = async (token: string, ingress: string): Promise<boolean> => {
    const back = await noteReturned(pool, { hash: hashOf(token), ingress, lateSeconds, waysIn: config.CANARY_INGRESS })
    if (back === null) return false
    log.info('canary-returned', { ingress, ...back })
    return true
  }

  const recognise = async ({ raw, ingress, envelope: { recipients } }: Arrived): Promise<Recognised> => {
    const isNamed = recipients.length > 0
    if (isNamed && !recipients.some((address) => readToken(address) !== null)) return 'none'
    const { fields } = splitHead(raw)
    const addresses = isNamed ? recipients : addressesIn(fields)
    const tokens = addresses.flatMap((address) => readToken(address) ?? [])
    const hasOthers = tokens.length < addresses.length
    const proven = findProven(tokens, fields)
    if (proven === undefined) return isNamed && !hasOthers ? 'unproven' : 'none'
    const isNew = await noteReturn(proven, ingress)
    if (hasOthers) return 'shared'
    return isNew ? 'returned' : 'repeated'
  }

  return {
    /** At RCPT: the address of a canary that is waited for is known, and no other. */
    checkRecipient:
      (check: (address: string) => Promise<'known' | 'unknown'>) =>
      async (address: string): Promise<'known' | 'unknown'> => {
        const token = readToken(address)
        if (token === null) return check(address)
        return (await findCanary(pool, hashOf(token))) === 'waited-for' ? 'known' : 'unknown'
      },
    /** `accept` without canaries; of a mail that has other recipients as well, these get it. */
    withCanaries:
      (accept: Accept): Accept =>
      async (submission) => {
        const recognised = await recognise(submission)
        if (recognised === 'none' || recognised === 'shared') return accept(submission)
        if (recognised === 'unproven') {
          log.warn('canary-refused', { ingress: submission.ingress, peer: submission.peer.address })
          throw unknownRecipient()
        }
        return { id: 0, duplicate: recognised === 'repeated' }
      },
    /** `acceptNotice` without mail to canaries that are not waited for; those that are have to be fetched first. */
    withCanaryNotices:
      (acceptNotice: AcceptNotice): AcceptNotice =>
      async (notice) => {
        const { recipients } = notice.envelope
        const tokens = recipients.flatMap((address) => readToken(address) ?? [])
        if (tokens.length === 0 || tokens.length < recipients.length) return acceptNotice(notice)
        const states = await Promise.all(tokens.map((token) => findCanary(pool, hashOf(token))))
        if (states.includes('waited-for')) return acceptNotice(notice)
        if (states.includes('returned')) return { id: 0, duplicate: true }
        log.warn('canary-refused', { ingress: notice.ingress, peer: notice.peer.address })
        throw unknownRecipient()
      },
    /** True if a mail that was announced, and is fetched now, is a canary and nothing else. */
    isFetchedCanary: async (mail: Arrived): Promise<boolean> =>
      ['returned', 'repeated'].includes(await recognise(mail)),
    /** To be called every few seconds; true when work was queued. */
    tick: async (): Promise<boolean> => {
      if (transports.length === 0) return false
      await judgeCanaries(pool, { transports, lateSeconds })
      return queueCanaries(pool, { transports, everyMinutes: config.CANARY_MINUTES })
    },
  }
}

function unknownRecipient(): MailError {
  return new MailError('unknown-recipient', 'a mail to the address of a canary is none that is waited for')
}

// An ingress without an envelope, such as a relay that passes on the raw mail only. As in routing, the first source
// that names an address counts.
function addressesIn(fields: readonly HeaderField[]): string[] {
  for (const name of ['delivered-to', 'x-original-to', 'envelope-to', 'x-forwarded-to', 'to']) {
    const found = readFieldValues(fields, name).flatMap(readMailboxes)
    if (found.length > 0) return found.map(({ address }) => address)
  }
  return []
}

function isAmong(given: readonly string[], proof: string): boolean {
  const wanted = Buffer.from(proof)
  return given.some((value) => {
    const one = Buffer.from(value.trim())
    return one.length === wanted.length && timingSafeEqual(one, wanted)
  })
}
