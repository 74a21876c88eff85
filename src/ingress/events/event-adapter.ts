// POST /ingress/<service>/events: the delivery, bounce and complaint webhooks of a provider that mail leaves through.
// The recipe is that of mail (http-ingress.ts). 2xx once the events are written; events of other mail are counted and
// answered 2xx, so that the provider does not repeat them. 406 for what cannot be read.

import type { RecordMailEvents } from '../../contracts/mail-event.ts'
import { MailError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { IngressAdapter } from '../http-ingress.ts'

const maxEvents = 5_000
const bounds = { growth: 1, maxBytes: 4 * 1024 * 1024, json: { maxDepth: 32, maxValues: 200_000 } }

export interface EventDependencies {
  readonly recordEvents: RecordMailEvents
  readonly log: Log
}

/** The adapter of its events; null for a provider that reports none. */
export function eventAdapterOf(
  { service, answers, challenge, events, ...mail }: IngressAdapter,
  { recordEvents, log }: EventDependencies,
): IngressAdapter | null {
  if (events === undefined) return null
  const verify = events.verify ?? mail.verify
  return {
    service,
    answers: { ...answers, accepted: 200, 'reject-permanent': 406 },
    bounds,
    ...(challenge === undefined ? {} : { challenge }),
    authenticate: mail.authenticate,
    ...(verify === undefined ? {} : { verify }),
    extract: async (delivery) => {
      const found = await events.read(delivery)
      if (found.length > maxEvents) throw new MailError('malformed', `${String(found.length)} events in one request`)
      const unknown = await recordEvents(service, found)
      log.info('mail-events', { ingress: service, events: found.length, unknown })
      return []
    },
  }
}
