// A mail after `parse`: plain values only, so that it can cross a thread. RFC 5322 names, ids without <>.

export interface Mailbox {
  /** Display name, decoded; '' when there is none. */
  readonly name: string
  /** addr-spec, domain in lower case. */
  readonly address: string
}

export interface HeaderField {
  /** Field name in lower case. */
  readonly name: string
  /** Unfolded value, not RFC 2047-decoded. */
  readonly value: string
}

export const automations = ['person', 'auto-reply', 'bounce', 'complaint', 'read-receipt', 'challenge', 'list'] as const
export type Automation = (typeof automations)[number]

/** The report about one recipient (RFC 3464 §2.3; complaints and read receipts use the same shape). */
export interface DeliveryReport {
  readonly recipient: string
  readonly action: string
  /** RFC 3463, or '' when unknown. */
  readonly status: string
  readonly diagnosticCode: string
  /** Message-ID of the mail reported on, or ''. */
  readonly originalMessageId: string
}

export interface ParsedAttachment {
  readonly filename: string
  readonly contentType: string
  /** Bytes after decoding. */
  readonly size: number
  readonly sha256: string
  readonly contentId: string | null
  readonly inline: boolean
  readonly content: Uint8Array
}

export interface CalendarTime {
  /** As it is said in the zone: `2026-12-03T10:00:00`, or `2026-12-03` for a whole day. */
  readonly at: string
  /** The name that the sender gave the zone: `Europe/Oslo`, `UTC`, `W. Europe Standard Time`; null: none. */
  readonly zone: string | null
}

/** An event of a calendar part (RFC 5546). Texts are '' when missing. */
export interface CalendarEvent {
  /** In lower case: `request`, `reply`, `cancel`; null when missing. */
  readonly method: string | null
  readonly uid: string
  readonly summary: string
  readonly start: CalendarTime | null
  readonly end: CalendarTime | null
  readonly location: string
  readonly description: string
  readonly comment: string
  readonly organizer: Mailbox | null
  /** With PARTSTAT in lower case, '' when missing; at most 100. */
  readonly attendees: readonly (Mailbox & { readonly answer: string })[]
  /** PARTSTAT of the author of a reply, in lower case; null for other methods. */
  readonly answer: string | null
}

export interface ParsedMail {
  /** Every field in order, the topmost first. */
  readonly headers: readonly HeaderField[]
  readonly messageId: string | null
  readonly inReplyTo: readonly string[]
  readonly references: readonly string[]
  /** The only author; null when From is missing, unreadable, doubled or names several. */
  readonly from: Mailbox | null
  /** Singleton fields (RFC 5322 §3.6) that occur more than once, lower case: parsers disagree on which counts. */
  readonly doubledHeaders: readonly string[]
  readonly replyTo: readonly Mailbox[]
  readonly to: readonly Mailbox[]
  readonly cc: readonly Mailbox[]
  readonly bcc: readonly Mailbox[]
  /** Decoded; '' when missing. */
  readonly subject: string
  /** ISO 8601 in UTC, or null when missing or unreadable. */
  readonly date: string | null
  /** The whole decoded text: of the text part, else of the HTML; '' if the mail has neither. */
  readonly text: string
  readonly html: string | null
  /** Only the new words of `text`. */
  readonly replyText: string
  readonly automation: Automation
  /** The evidence: a header field, a part, a phrase. '' for a person. */
  readonly automationEvidence: string
  readonly deliveries: readonly DeliveryReport[]
  readonly attachments: readonly ParsedAttachment[]
  /** Null, or why only a part could be read. */
  readonly degraded: string | null
  /** The event of a calendar part. */
  readonly calendar?: CalendarEvent
  /** The content stood in an S/MIME signature, which was not checked. */
  readonly signed?: 'not-checked'
}
