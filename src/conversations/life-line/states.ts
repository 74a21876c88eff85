// The order of the states of a mail: what may follow what, for a recipient, and which recipient's state is the mail's.

import type { DeliveryState } from '../../contracts/delivery.ts'

const ends = ['bounced', 'failed', 'suppressed', 'cancelled', 'complained', 'seen'] as const
const reached = ['handed_over', 'delayed', 'delivered', 'auto_answered', 'read'] as const

/** States that each state never follows. A repeated state changes nothing. */
const notAfter: Readonly<Record<DeliveryState, readonly DeliveryState[]>> = {
  queued: [...reached, ...ends],
  retrying: [...reached, ...ends],
  handed_over: [...reached, ...ends],
  failed: [...reached, ...ends],
  suppressed: [...reached, ...ends],
  seen: [...reached, ...ends],
  cancelled: [...reached, ...ends],
  delayed: ['delivered', 'auto_answered', 'read', ...ends],
  delivered: ['auto_answered', 'read', ...ends],
  auto_answered: ['read', ...ends],
  read: ends,
  bounced: ['read', 'failed', 'suppressed', 'cancelled', 'complained', 'seen'],
  complained: ['suppressed', 'cancelled', 'seen'],
}

/** The mail's state is the first of these that a recipient has. */
const byUrgency = [
  'bounced',
  'failed',
  'suppressed',
  'complained',
  'retrying',
  'queued',
  'delayed',
  'read',
  'auto_answered',
  'handed_over',
  'delivered',
  'seen',
  'cancelled',
] as const satisfies readonly DeliveryState[]

/** The state that needs attention most. Never throws. */
export function mostUrgent(states: readonly DeliveryState[]): DeliveryState {
  return byUrgency.find((state) => states.includes(state)) ?? 'queued'
}

/** Reads a state as it is stored; `sent` is handed_over. Never throws. */
export function readState(text: string): DeliveryState {
  if (text === 'sent' || text === 'relayed' || text === 'expanded') return 'handed_over'
  return byUrgency.find((known) => known === text) ?? 'queued'
}

/** True if an update to the state `next` counts after `old`; another may have gone beyond it. Never throws. */
export function mayFollow(old: DeliveryState, next: DeliveryState): boolean {
  return !notAfter[next].includes(old)
}

/** As `mayFollow`, after a status of the message: its channel's own system may have reported as well. Never throws. */
export function mayFollowStatus(status: string, next: DeliveryState): boolean {
  return !(notAfter[next] as readonly string[]).includes(status)
}

/** The mail did not arrive. Never throws. */
export function isFailed(state: DeliveryState): boolean {
  return state === 'bounced' || state === 'failed' || state === 'suppressed'
}

/** The mail may still leave. Never throws. */
export function isDue(state: DeliveryState): boolean {
  return state === 'queued' || state === 'retrying'
}

/** The next server has taken the mail, and it did not come back. Never throws. */
export function isReached(state: DeliveryState): boolean {
  return (reached as readonly DeliveryState[]).includes(state)
}
