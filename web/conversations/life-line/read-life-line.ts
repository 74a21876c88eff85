// The life line of an outgoing mail, as its message has it (content_attributes.delivery): what happened to it, and what
// became of it for each recipient.

import { messageTypes } from '../describe'
import type { ShownMessage } from '../thread/messages-query'

export const mailStates = [
  'queued',
  'retrying',
  'handed_over',
  /** To a file of the outbox folder: the installation has no way out. */
  'written',
  'delayed',
  'delivered',
  'auto_answered',
  'read',
  'bounced',
  'complained',
  'failed',
  'suppressed',
  'cancelled',
  'seen',
] as const
export type MailState = (typeof mailStates)[number]

export interface Step {
  readonly state: MailState
  readonly at: string
  /** Of attempts: when the first one was. */
  readonly since: string | null
  readonly attempts: number
  readonly server: string
  readonly transport: string
  readonly queueId: string
  readonly response: string
  readonly error: string
  readonly reportedBy: string
  /** The mail that reported it. */
  readonly reportId: number | null
  /** Whom it is about, where it is not about all. */
  readonly recipients: readonly string[]
}

export interface LineRecipient {
  /** Null: a report did not say which. */
  readonly email: string | null
  readonly state: MailState
  readonly at: string
  readonly detail: string
}

export interface LifeLine {
  readonly state: MailState
  /** When that state began; null where it is not known. */
  readonly at: string | null
  readonly sendAt: string | null
  readonly nextAttemptAt: string | null
  readonly error: string
  readonly steps: readonly Step[]
  readonly recipients: readonly LineRecipient[]
  readonly sentAgainAs: number | null
}

type Fields = Readonly<Record<string, unknown>>

/** Null: it is no mail that leaves. Never throws. */
export function readLifeLine(message: ShownMessage): LifeLine | null {
  if (message.private || message.message_type === messageTypes.incoming) return null
  const attributes: Fields = message.content_attributes
  const delivery = fieldsOf(attributes['delivery'])
  const known = stateOfMessage(message.status, stateOf(delivery['state']))
  if (known === null) return null
  const steps = listOf(delivery['history']).flatMap(readStep)
  const isWritten = steps.some((step) => step.state === 'written')
  const really = (state: MailState): MailState => (state === 'handed_over' && isWritten ? 'written' : state)
  const state = really(known)
  return {
    state,
    at: steps.findLast((step) => step.state === state)?.at ?? textOrNull(delivery['at']),
    sendAt: textOrNull(delivery['send_at']),
    nextAttemptAt: textOrNull(delivery['next_attempt_at']),
    error: textOf(attributes['external_error']) || textOf(delivery['error']),
    steps,
    recipients: listOf(delivery['recipients'])
      .flatMap(readRecipient)
      .map((one) => ({ ...one, state: really(one.state) })),
    sentAgainAs: numberOrNull(attributes['sent_again_as']),
  }
}

/** It did not arrive, for one recipient at least. */
export const isFailed = (state: MailState): boolean =>
  state === 'bounced' || state === 'failed' || state === 'suppressed'

// A message of another channel has no life line, and may have failed or been read all the same.
function stateOfMessage(status: ShownMessage['status'], state: MailState | null): MailState | null {
  if (status === 'failed' && (state === null || !isFailed(state))) return 'failed'
  return status === 'read' && state !== null && !isFailed(state) ? 'read' : state
}

function stateOf(value: unknown): MailState | null {
  return value === 'sent' ? 'handed_over' : (mailStates.find((one) => one === value) ?? null)
}

function readStep(step: Fields): Step[] {
  const isFile = textOf(step['server']) === '' && textOf(step['response']).startsWith('written to ')
  const state = isFile ? 'written' : stateOf(step['state'])
  const at = textOrNull(step['at'])
  if (state === null || at === null) return []
  return [
    {
      state,
      at,
      since: textOrNull(step['since']),
      attempts: numberOrNull(step['attempts']) ?? 1,
      server: textOf(step['server']),
      transport: textOf(step['transport']),
      queueId: textOf(step['queue_id']),
      response: textOf(step['response']),
      error: textOf(step['error']),
      reportedBy: textOf(step['reported_by']),
      reportId: numberOrNull(step['inbound_email_id']),
      recipients: Array.isArray(step['recipients']) ? step['recipients'].filter((one) => typeof one === 'string') : [],
    },
  ]
}

function readRecipient(recipient: Fields): LineRecipient[] {
  const state = stateOf(recipient['state'])
  if (state === null) return []
  const [status, detail] = [textOf(recipient['status']), textOf(recipient['detail'])]
  return [
    {
      email: textOrNull(recipient['email']),
      state,
      at: textOf(recipient['at']),
      // Servers often repeat the status in their words.
      detail: detail.includes(status) ? detail : `${status} ${detail}`.trim(),
    },
  ]
}

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})
const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : [])
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const textOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)
const numberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null)
