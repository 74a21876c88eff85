// An accepted mail as users see it, the scope of a request, and the filters of a list.

import type { ProviderVerdicts } from '../mail/envelope.ts'
import type { StoredTraceEntry } from './trace.ts'

export const inboundStatuses = ['pending', 'processing', 'delivered', 'held', 'ignored', 'failed'] as const
export type InboundStatus = (typeof inboundStatuses)[number]

export interface InboundEmail {
  readonly id: number
  readonly status: InboundStatus
  readonly reason: string | null
  readonly ingress: string
  readonly messageId: string | null
  readonly from: string | null
  readonly recipients: readonly { readonly address: string; readonly learnedFrom: string }[]
  readonly subject: string | null
  readonly size: number
  readonly receivedAt: Date
  readonly accountId: number | null
  readonly inboxId: number | null
  readonly conversationDisplayId: number | null
  readonly messageDbId: number | null
  readonly attempts: number
  /** When retention removes its raw bytes; null: they are gone, or it is not settled. */
  readonly incineratesAt: Date | null
  /** The verdicts of the provider that received it, or null. */
  readonly verdicts: ProviderVerdicts | null
  /** The raw bytes were synthesised from the parts that a provider gave. */
  readonly synthesised: boolean
  /** Only a part could be read, and why. */
  readonly degraded: string | null
  readonly trace: readonly StoredTraceEntry[]
  /** When each step ended; null where that was not noted. */
  readonly times: Times
}

export interface Times {
  readonly received: Date
  readonly taken: Date | null
  readonly read: Date | null
  readonly judged: Date | null
  readonly settled: Date | null
}

/**
 * The mails that the caller may see: those of one account, or, with null, of the whole installation; for an agent only
 * those of their inboxes.
 */
export interface Scope {
  readonly accountId: number | null
  readonly agent?: { readonly userId: number; readonly inboxIds: readonly number[] }
}

export interface InboundEmailFilter {
  /** One of these; empty = any. */
  readonly statuses: readonly InboundStatus[]
  readonly reason: string | null
  /** The way in. */
  readonly ingress: string | null
  /** The whole address in From. */
  readonly sender: string | null
  /** Part of the subject. */
  readonly subject: string | null
  /** Without angle brackets. */
  readonly messageId: string | null
  readonly since: Date | null
  readonly until: Date | null
  /** Part of subject, sender, recipient or Message-ID. */
  readonly query: string | null
  /** Only mail with a smaller id. */
  readonly before: number | null
  readonly offset: number
  readonly limit: number
}
