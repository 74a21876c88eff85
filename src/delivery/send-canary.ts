// Sends a canary (src/store/canaries): a mail to the installation itself, through one transport. It is automatic mail
// with a null reverse-path, so that no server answers it. And the alarm, to an administrator of the installation, when
// canaries do not come back; it leaves through another transport where there is one.

import type { CanaryAlert } from '../contracts/canary.ts'
import { MailError } from '../errors.ts'
import { linkTo } from '../links.ts'
import { composeAutomaticMail, installationSender, recipientInId } from './automatic-mail.ts'
import { renderCard } from './layout/card.ts'
import type { DeliveryOptions } from './send-reply.ts'
import { type HandedOver, type OutgoingMail, refusalOf, TransportError } from './transport.ts'

/** The field that a canary has to bring back. */
export const canaryField = 'X-Rethread-Canary'

type Options = Pick<DeliveryOptions, 'senderEmail' | 'defaultDomain' | 'publicUrl'> & {
  /** Sends through this transport and no other. Throws `TransportError`. */
  readonly handOverThrough: (name: string, mail: OutgoingMail) => Promise<HandedOver>
}

interface Canary {
  readonly id: string
  readonly transport: string
  readonly to: string
  readonly proof: string
}

/** The server that took it, and its answer. Throws `TransportError` when it was not taken. */
export async function sendCanary(
  options: Options,
  { id, transport, to, proof }: Canary,
): Promise<{ readonly server: string | null; readonly answer: string }> {
  const text = 'Rethread sends this mail to itself, to see that mail leaves and comes back.'
  const mail = composeAutomaticMail(options, {
    sender: installationSender(options),
    to,
    subject: 'Canary',
    text,
    html: `<p>${text}</p>`,
    id: `canary/${id}`,
    isBulk: false,
  })
  const headers = { ...mail.headers, [canaryField]: proof }
  const { server, response, refused } = await options.handOverThrough(transport, { ...mail, headers })
  if (response === null)
    throw new TransportError('forbidden', refusalOf(refused).message, { reach: 'answered', transport, server })
  return { server, answer: response }
}

const titles = {
  canary_failing: 'Mail does not make the round trip',
  canary_recovered: 'Mail makes the round trip again',
} as const

const meanings = {
  canary_failing:
    'Customers may not get your answers, or their replies may not arrive. "rethread doctor --dns" looks for the ' +
    'cause. You get one more mail when a canary is back in time.',
  canary_recovered: 'The last canary came back in time. Look whether customers wrote to you in other ways meanwhile.',
} as const

interface Receiver {
  readonly email: string
  /** Names of transports, the best first: the next one sends if one cannot be reached or refuses. */
  readonly transports: readonly string[]
}

/** One mail. Throws `MailError` when no transport has taken it. */
export async function notifyAlert(options: Options, alert: CanaryAlert, receiver: Receiver): Promise<void> {
  const mail = composeAlert(options, alert, receiver.email)
  const faults: MailError[] = []
  for (const transport of receiver.transports) {
    try {
      const { response, refused } = await options.handOverThrough(transport, mail)
      if (response !== null) return
      faults.push(refusalOf(refused))
    } catch (error) {
      if (!(error instanceof TransportError)) throw error
      faults.push(error)
      // It may have the mail: the next attempt goes to it again, and to no other (docs/adr/0050).
      if (error.reach === 'unknown') break
    }
  }
  // One that may take it later counts more than one that never will.
  const [first = new MailError('misconfigured', 'the settings have no transport')] = faults
  throw faults.find(({ kind }) => kind !== 'forbidden') ?? first
}

function composeAlert(options: Options, { id, event, transport, says }: CanaryAlert, email: string): OutgoingMail {
  const bodies = renderCard({
    language: 'en',
    from: 'Rethread',
    color: null,
    preheader: says,
    sections: [
      [
        { kind: 'title', text: titles[event] },
        { kind: 'text', text: `The last canary through the transport "${transport}" was ${says}.` },
        { kind: 'text', text: meanings[event] },
        { kind: 'quiet', text: `Installation: ${linkTo(options.publicUrl, '/')}` },
      ],
    ],
  })
  return composeAutomaticMail(options, {
    sender: installationSender(options),
    to: email,
    subject: titles[event],
    ...bodies,
    id: `${event.replace('_', '-')}/${id}/${recipientInId(email)}`,
    isBulk: false,
  })
}
