// Hands a mail over to the next server for those of its recipients who have not got it and may be mailed, and writes
// what became of each on its messages. Who was accepted once is not sent it again.

import type { RecipientUpdate, RecordDelivery } from '../contracts/delivery.ts'
import { MailError } from '../errors.ts'
import { addressKey } from '../mail/address.ts'
import { formatLifeLineKey } from './life-line-key.ts'
import type { OutgoingFacts } from './outgoing-facts.ts'
import { type HandedOver, type HandOver, type OutgoingMail, type Refusal, TransportError } from './transport.ts'

interface Outgoing {
  readonly handOver: HandOver
  readonly markMessage: (messageId: number) => string
  readonly recordDelivery: RecordDelivery
  readonly findSuppressed: (accountId: number, emails: readonly string[]) => Promise<readonly string[]>
}

interface About {
  readonly facts: Pick<OutgoingFacts, 'account' | 'attributes' | 'transport'>
  /** Messages that this mail carries. */
  readonly messageIds: readonly number[]
}

interface Noted {
  readonly state?: string
  readonly to?: readonly string[]
  /** The transport that may have the mail: its connection broke off after the data was sent. */
  readonly pending_at?: string
  readonly recipients?: readonly { readonly email: string | null; readonly state: string }[]
}

const waiting = ['queued', 'retrying']

/** True if nobody is waiting for the mail: it was handed over, and the end of its row was not written. Never throws. */
export function isHandedOver({ attributes }: Pick<OutgoingFacts, 'attributes'>): boolean {
  const { state = 'queued', recipients } = notedOf(attributes)
  return recipients === undefined ? state === 'sent' : recipients.every((one) => !waiting.includes(one.state))
}

/** Sends it. Throws `MailError` while somebody is still to get it. */
export async function handOverTo(options: Outgoing, about: About, mail: OutgoingMail): Promise<void> {
  const due = mail.envelope.to.filter((email) => isDue(about.facts, email))
  const suppressed = await options.findSuppressed(about.facts.account.id, due)
  if (suppressed.length > 0) await noteSuppressed(options, about, suppressed)
  const to = due.filter((email) => !suppressed.includes(email))
  if (to.length === 0) return
  const handedOver = await options
    .handOver(withRoute(options, about, { ...mail, envelope: { ...mail.envelope, to } }))
    .catch(async (error: unknown) => {
      await notePending(options, about, error)
      throw error
    })
  await noteHandOver(options, about, { mail, to, handedOver })
  const later = handedOver.refused.filter(({ isFinal }) => !isFinal)
  if (later.length > 0) throw new MailError('unavailable', refusalSentence(later))
  if (handedOver.response === null) throw new MailError('forbidden', refusalSentence(handedOver.refused))
}

function withRoute({ markMessage }: Outgoing, { facts, messageIds: [first] }: About, mail: OutgoingMail): OutgoingMail {
  return {
    ...mail,
    transport: facts.transport,
    pendingAt: notedOf(facts.attributes).pending_at ?? null,
    ...(first === undefined ? {} : { key: formatLifeLineKey(first, markMessage(first)) }),
  }
}

// Another transport would send it a second time.
async function notePending({ recordDelivery }: Outgoing, { messageIds }: About, error: unknown): Promise<void> {
  if (!(error instanceof TransportError) || error.reach !== 'unknown' || error.transport === null) return
  await recordDelivery(messageIds, { fields: { pending_at: error.transport } })
}

function isDue({ attributes }: About['facts'], email: string): boolean {
  const key = addressKey(email)
  const noted = notedOf(attributes).recipients?.find((one) => one.email !== null && addressKey(one.email) === key)
  return noted === undefined || waiting.includes(noted.state)
}

function noteSuppressed({ recordDelivery }: Outgoing, { messageIds }: About, emails: readonly string[]): Promise<void> {
  const [first = ''] = emails
  const which =
    emails.length === 1 ? `${first} is a suppressed address` : `${emails.join(', ')} are suppressed addresses`
  const error =
    `Not sent: ${which} of this account: earlier mail bounced or was complained about, or a colleague added it. ` +
    'An administrator can remove it from the list; or send the message again to another address.'
  return recordDelivery(messageIds, {
    state: 'suppressed',
    recipients: emails.map((email) => ({ email })),
    fields: { error },
    error,
  })
}

interface Outcome {
  readonly mail: OutgoingMail
  readonly to: readonly string[]
  readonly handedOver: HandedOver
}

async function noteHandOver(options: Outgoing, { facts, messageIds }: About, outcome: Outcome): Promise<void> {
  const { mail, to, handedOver } = outcome
  const refused = new Map(handedOver.refused.map((one) => [addressKey(one.email), one]))
  const taken = to.filter((email) => !refused.has(addressKey(email)))
  const failed = handedOver.refused.filter(({ isFinal }) => isFinal)
  const later = handedOver.refused.filter(({ isFinal }) => !isFinal).map(waitingUpdate)
  if (taken.length > 0)
    await options.recordDelivery(messageIds, {
      state: 'handed_over',
      recipients: [...taken.map((email) => ({ email })), ...later],
      fields: takenFields({ facts, mail, taken, handedOver }),
      entry: {
        server: handedOver.server,
        response: cut(handedOver.response),
        queue_id: handedOver.queueId,
        message_id: handedOver.messageId ?? mail.messageId,
        ...(handedOver.transport === undefined ? {} : { transport: handedOver.transport }),
      },
    })
  if (failed.length === 0) return
  const error = refusalSentence(failed)
  await options.recordDelivery(messageIds, {
    state: 'failed',
    recipients: [...failed.map(({ email, status, detail }) => ({ email, status, detail })), ...later],
    fields: { error },
    entry: { error: error.slice(0, 500) },
    error,
    origin: 'server',
  })
}

function refusalSentence(refused: readonly Refusal[]): string {
  const said = refused.map(({ email, detail }) => `${email}: ${detail}`).join(' · ')
  return `Refused by the mail server: ${said}`.slice(0, 1_000)
}

function waitingUpdate({ email, status, detail }: Refusal): RecipientUpdate {
  return { email, state: 'retrying', status, detail }
}

interface Taken extends Pick<Outcome, 'mail' | 'handedOver'> {
  readonly facts: About['facts']
  readonly taken: readonly string[]
}

function takenFields({ facts, mail, taken, handedOver }: Taken): Record<string, unknown> {
  const earlier = notedOf(facts.attributes).to ?? []
  return {
    message_id: handedOver.messageId ?? mail.messageId,
    to: [...earlier.filter((email) => !taken.includes(email)), ...taken],
    response: cut(handedOver.response),
    error: undefined,
    next_attempt_at: undefined,
    pending_at: undefined,
    at: new Date().toISOString(),
  }
}

function cut(response: string | null): string {
  return (response ?? '').slice(0, 500)
}

function notedOf({ delivery }: About['facts']['attributes']): Noted {
  return typeof delivery === 'object' && delivery !== null ? delivery : {}
}
