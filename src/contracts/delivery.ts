// The life line of an outgoing mail: what happened to it, for the whole mail and for each recipient. Written by
// conversations/life-line; delivery, the reports that come back and the webhooks of providers bring the updates.

/**
 * queued, retrying: it has not left. handed_over: the next server has taken it. failed: it never will. suppressed: not
 * sent, because the account does not mail that address. seen: read in the chat before it was mailed.
 */
export type DeliveryState =
  | 'queued'
  | 'retrying'
  | 'handed_over'
  | 'delayed'
  | 'delivered'
  | 'auto_answered'
  | 'read'
  | 'bounced'
  | 'complained'
  | 'failed'
  | 'suppressed'
  | 'cancelled'
  | 'seen'

export interface RecipientUpdate {
  /** Null: the report names no recipient. */
  readonly email: string | null
  /** If it differs from the state of the mail. */
  readonly state?: DeliveryState
  /** RFC 3463, e.g. `5.1.1`; '' = unknown. */
  readonly status?: string
  /** The words of the server or reporter. */
  readonly detail?: string
}

/**
 * How sure an update of a bounce or complaint is (docs/adr/0048). server: from the server that we send through, or from
 * a provider's authenticated request.
 */
export type UpdateOrigin =
  | 'server'
  | {
      /** It came to the reverse-path of this one mail. */
      readonly byToken: boolean
      /** The mail system, proven by DKIM or DMARC, whose postmaster wrote it; null: not proven. */
      readonly domain: string | null
    }

export interface DeliveryUpdate {
  /** Absent: only `fields` are noted. */
  readonly state?: DeliveryState
  /** Default: now. */
  readonly at?: Date
  /** Those whom it is about; default: all who have not got the mail, and no one else. */
  readonly recipients?: readonly RecipientUpdate[]
  /** Written into `content_attributes.delivery`, whatever the state. */
  readonly fields?: Readonly<Record<string, unknown>>
  /** Written into the entry of the history. */
  readonly entry?: Readonly<Record<string, unknown>>
  /** The sentence for people if the message fails by it. */
  readonly error?: string
  /** Whether hard bounces and complaints suppress the address; default: they do not. */
  readonly origin?: UpdateOrigin
}

/** Writes the update on messages; conversations/life-line/record-delivery has this shape. */
export type RecordDelivery = (messageIds: readonly number[], update: DeliveryUpdate) => Promise<void>
