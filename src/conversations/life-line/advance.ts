// What a mail's life line becomes with the next update. Pure. The state of the mail is that of the recipient who needs
// attention most.

import type { DeliveryState, DeliveryUpdate } from '../../contracts/delivery.ts'
import type { Json, MessageStatus } from '../records/rows.ts'
import { type Moved, moveRecipients, type Recipient } from './move-recipients.ts'
import { isDue, isFailed, isReached, mayFollow, mayFollowStatus, mostUrgent, readState } from './states.ts'

/** `content_attributes.delivery`; its `state` calls handed_over `sent`, as clients know it. */
export type Delivery = Json & {
  readonly state?: string
  readonly history?: readonly Json[]
  readonly recipients?: readonly Recipient[]
}

export interface LifeLine {
  readonly delivery: Delivery
  readonly status: MessageStatus
}

export interface Advanced extends LifeLine {
  /** The new error of the message; undefined: as before. */
  readonly error: string | undefined
  /** Recipients that the update names and whose state it made. */
  readonly named: readonly Recipient[]
  /** How many recipients the mail has. */
  readonly count: number
}

/** Entries and recipients kept. */
const maxHistory = 30
const maxRecipients = 500

/**
 * The life line of a mail that is queued now. If it waits, `send_at` says when it leaves, for clients that offer to
 * cancel it. Never throws.
 */
export function newDelivery(waitMs = 0): Delivery {
  const at = new Date()
  const sendAt = waitMs === 0 ? {} : { send_at: new Date(at.getTime() + waitMs).toISOString() }
  return { state: 'queued', history: [{ state: 'queued', at: at.toISOString() }], ...sendAt }
}

/** The recipients of the mail, as far as it has left. Never throws. */
export function recipientsOf(delivery: Delivery): readonly Recipient[] {
  if (Array.isArray(delivery.recipients)) return delivery.recipients as readonly Recipient[]
  // Mail of an earlier version has a list of addresses only.
  const to: unknown = delivery['to']
  const at = typeof delivery['at'] === 'string' ? delivery['at'] : ''
  const state = readState(delivery.state ?? '')
  return Array.isArray(to) ? to.map((email) => ({ email: String(email), state, at })) : []
}

/** The life line after the update. Never throws. */
export function advance(before: LifeLine, update: DeliveryUpdate): Advanced {
  const known = recipientsOf(before.delivery)
  const delivery = { ...before.delivery, ...update.fields }
  if (update.state === undefined)
    return { delivery, status: before.status, error: undefined, named: [], count: known.length }
  const at = (update.at ?? new Date()).toISOString()
  const moved = moveRecipients(known, { update, at, state: update.state, status: before.status })
  const next = nextOf(before, update.state, moved)
  const isFailure = isFailed(next.state) && !isReadElsewhere(before, moved)
  return {
    delivery: {
      ...delivery,
      state: next.state === 'handed_over' ? 'sent' : next.state,
      ...(next.isNoted ? { history: withEntry(delivery, entryOf(update, at, moved)) } : {}),
      ...(moved.recipients.length === 0 ? {} : { recipients: moved.recipients.slice(0, maxRecipients) }),
    },
    status: isFailure ? 'failed' : statusOf(next.state, before.status),
    error: next.isChange && isFailure ? update.error : undefined,
    named: moved.named,
    count: moved.recipients.length,
  }
}

// Read in the chat or another channel: its mail is no longer needed.
function isReadElsewhere({ status }: LifeLine, { recipients }: Moved): boolean {
  return status === 'read' && recipients.length <= 1
}

interface Next {
  readonly state: DeliveryState
  readonly isChange: boolean
  /** In the history: each attempt as well. */
  readonly isNoted: boolean
}

function nextOf({ delivery, status }: LifeLine, asked: DeliveryState, { recipients, moved }: Moved): Next {
  const old = readState(delivery.state ?? '')
  const isAlone = recipients.length === 0
  const mayMove = mayFollow(old, asked) && (isDue(old) || mayFollowStatus(status, asked))
  const alone = mayMove ? asked : old
  const state = isAlone ? alone : mostUrgent(recipients.map((one) => one.state))
  const isChange = isAlone ? state !== old : moved.length > 0
  return { state, isChange, isNoted: isChange || (asked === 'retrying' && state === 'retrying') }
}

function statusOf(state: DeliveryState, before: MessageStatus): MessageStatus {
  if (state === 'read') return 'read'
  return state === 'delivered' && before === 'sent' ? 'delivered' : before
}

/** Those who did not get the mail are waiting again: it is sent once more. Never throws. */
export function restart(delivery: Delivery): Delivery {
  const at = new Date().toISOString()
  const recipients = recipientsOf(delivery)
    .filter(({ email }) => email !== null)
    .map((one) => (isFailed(one.state) ? { email: one.email, state: 'queued' as const, at } : one))
  const reached = recipients.flatMap(({ email, state }) => (email !== null && isReached(state) ? [email] : []))
  const { neutral } = delivery
  return {
    state: 'queued',
    ...(neutral === undefined ? {} : { neutral }),
    ...(reached.length === 0 ? {} : { to: reached }),
    history: withEntry(delivery, { state: 'queued', at }),
    ...(recipients.length === 0 ? {} : { recipients }),
  }
}

function entryOf(update: DeliveryUpdate, at: string, { moved, recipients }: Moved): Json {
  const about = recipients.length > 1 && moved.length > 0 ? moved.slice(0, 10).map(({ email }) => email) : null
  return { state: update.state, at, ...update.entry, ...(about === null ? {} : { recipients: about }) }
}

// Attempts that follow each other are one entry: the last, with the time of the first.
function withEntry(delivery: Delivery, entry: Json): readonly Json[] {
  const history: readonly Json[] = Array.isArray(delivery.history) ? (delivery.history as readonly Json[]) : []
  const last = history.at(-1)
  if (entry['state'] === 'retrying' && last?.['state'] === 'retrying')
    return [...history.slice(0, -1), { ...entry, since: last['since'] ?? last['at'] }]
  return [...history, entry].slice(-maxHistory)
}
