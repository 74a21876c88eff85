// What the API asks of the store of accepted mail. app.ts hands over whatever has this shape (store, pipeline and conversations together).

import type { ProviderVerdicts } from '../mail/envelope.ts'

export const inboundStatuses = ['pending', 'processing', 'delivered', 'held', 'ignored', 'failed'] as const
export type InboundStatus = (typeof inboundStatuses)[number]

export interface TraceStep {
  readonly step: string
  readonly outcome: string
  readonly detail: string | null
}

export interface InboundEmailRow {
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
  /** Display id of the conversation. */
  readonly conversationDisplayId: number | null
  readonly messageDbId: number | null
  readonly attempts: number
  readonly verdicts: ProviderVerdicts | null
  readonly synthesised: boolean
  readonly trace: readonly TraceStep[]
}

/** Whose mail: one account's, or, null, the whole installation's, mail of no account included. */
export interface MailScope {
  readonly accountId: number | null
}

export interface InboundEmailFilter {
  readonly status: InboundStatus | null
  readonly reason: string | null
  /** Part of subject, sender, recipient or Message-ID. */
  readonly query: string | null
  readonly offset: number
  readonly limit: number
}

/** What would become of a mail; nothing was written. */
export interface Explanation {
  readonly status: InboundStatus
  readonly reason: string | null
  readonly accountId: number | null
  readonly conversationDisplayId: number | null
  readonly trace: readonly TraceStep[]
}

export interface ExplainRequest {
  readonly raw: Buffer
  readonly sender: string | null
  readonly recipients: readonly string[]
}

/** Null always means: no such mail in this scope. Anything that cannot be done now is a `MailError('conflict')` with a public sentence. */
export interface InboundEmailRoom {
  /** Newest first; `count` counts all pages. */
  readonly list: (scope: MailScope, filter: InboundEmailFilter) => Promise<{ readonly count: number; readonly rows: readonly InboundEmailRow[] }>
  readonly find: (scope: MailScope, id: number) => Promise<InboundEmailRow | null>
  /** The octets as received; null also when they are incinerated. */
  readonly readRaw: (scope: MailScope, id: number) => Promise<Uint8Array | null>
  /** Runs it again; never appends twice. */
  readonly replay: (scope: MailScope, id: number) => Promise<InboundEmailRow | null>
  /** Files a held mail into a conversation; null also when the conversation is not in the scope. `accountId` null = the mail's own account. */
  readonly file: (scope: MailScope, id: number, into: { readonly accountId: number | null; readonly conversationDisplayId: number }) => Promise<InboundEmailRow | null>
  /** Takes a filing back. */
  readonly unfile: (scope: MailScope, id: number) => Promise<InboundEmailRow | null>
  readonly explain: (scope: MailScope, request: ExplainRequest) => Promise<Explanation>
  /** Raw and derived copies are gone afterwards; false: no such mail in this scope. */
  readonly incinerate: (scope: MailScope, id: number) => Promise<boolean>
}
