// Canaries: mails that the installation sends to itself through each transport. What became of one, and the alarm that
// begins or ends with it.

/**
 * returned: back in time. late: back, but too late. other-way: back through an ingress that CANARY_INGRESS does not
 * name. lost: handed over, and not back. refused: the server of the transport said no. not-sent: it was not reached.
 */
export const canaryOutcomes = ['returned', 'late', 'other-way', 'lost', 'refused', 'not-sent'] as const
export type CanaryOutcome = (typeof canaryOutcomes)[number]

/** An alarm of the installation; it is mailed and posted (docs/adr/0054). */
export interface CanaryAlert {
  /** A UUID: of the delivery, and in the Message-IDs. */
  readonly id: string
  readonly event: 'canary_failing' | 'canary_recovered'
  /** ISO 8601. */
  readonly at: string
  readonly transport: string
  readonly outcome: CanaryOutcome
  /** The host that took or refused the canary; null: none was reached. */
  readonly server: string | null
  /** Through which it came back, and after how many seconds; null: it did not. */
  readonly ingress: string | null
  readonly seconds: number | null
  /** The same in words, after "the last canary was". */
  readonly says: string
}
