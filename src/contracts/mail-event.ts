// What a provider's webhook says of a mail that it sent for us.

import type { DeliveryState } from './delivery.ts'

export interface MailEvent {
  /** The key that we gave the mail (delivery/life-line-key.ts); null: it is not a mail of ours. */
  readonly key: string | null
  readonly state: Extract<DeliveryState, 'delivered' | 'delayed' | 'bounced' | 'complained' | 'auto_answered'>
  readonly email: string
  /** RFC 3463; '' = unknown. */
  readonly status: string
  /** The words of the server or provider. */
  readonly detail: string
}

/** Writes the events on their messages; resolves with the number of those that fit no message of ours. */
export type RecordMailEvents = (service: string, events: readonly MailEvent[]) => Promise<number>
