// The API's interface to the store of accepted mail. app.ts passes an object of this shape (store, pipeline and
// conversations together).

import type { ProviderVerdicts } from '../../mail/envelope.ts'
import type { ParsedMail } from '../../mail/parsed-mail.ts'

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
  /** The destination of the mail, or the one that it names. */
  readonly inboxId: number | null
  /** Display id of the conversation. */
  readonly conversationDisplayId: number | null
  readonly messageDbId: number | null
  readonly attempts: number
  /** When its raw bytes are removed; null: they are gone, or it is not settled. */
  readonly incineratesAt: Date | null
  readonly verdicts: ProviderVerdicts | null
  readonly synthesised: boolean
  /** Only a part could be read, and why. */
  readonly degraded: string | null
  readonly trace: readonly TraceStep[]
  /** When each step ended; null where that was not noted. */
  readonly times: Readonly<Record<'taken' | 'read' | 'judged' | 'settled', Date | null>> & { readonly received: Date }
}

/**
 * The mails that the caller may see: those of one account, or, with null, of the whole installation; for an agent only
 * those of their inboxes.
 */
export interface MailScope {
  readonly accountId: number | null
  readonly agent?: { readonly userId: number; readonly inboxIds: readonly number[] }
}

export interface InboundEmailFilter {
  /** One of these; empty = any. */
  readonly statuses: readonly InboundStatus[]
  readonly reason: string | null
  readonly ingress: string | null
  /** The whole address in From. */
  readonly sender: string | null
  /** Part of the subject. */
  readonly subject: string | null
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

/** The predicted outcome of a mail; nothing was written. */
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

/** A conversation into which a mail may belong. */
export interface Candidate {
  readonly displayId: number
  /** Above 0, at most 1. */
  readonly score: number
  readonly reasons: readonly { readonly code: CandidateReason; readonly detail: string | null }[]
  readonly status: string
  readonly subject: string | null
  readonly contactName: string | null
  readonly lastActivityAt: Date
}

export const candidateReasons = [
  'same-thread',
  'names-conversation',
  'names-number',
  'same-sender',
  'same-subject',
  'same-company',
] as const
export type CandidateReason = (typeof candidateReasons)[number]

/** A mail composed by a person, instead of raw bytes. */
export interface Composed {
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
  /** Message-ID of the mail that it answers, or null. */
  readonly inReplyTo: string | null
}

export interface BlockedSender {
  readonly id: number
  readonly address: string
  readonly createdAt: Date
  readonly createdById: number | null
}

/** The author of the action: `user:5`. */
export interface ActingPerson {
  readonly mark: string
  readonly userId: number
}

type Change = (scope: MailScope, id: number, by: ActingPerson) => Promise<InboundEmailRow | null>

/**
 * Null always means: no such mail in this scope. Anything that cannot be done now is a `MailError('conflict')` with a
 * public sentence.
 */
export interface InboundEmails {
  /** Newest first; `count` counts all pages, exactly or, beyond 10,000, by estimate. */
  readonly list: (
    scope: MailScope,
    filter: InboundEmailFilter,
  ) => Promise<{ readonly count: number; readonly isExact: boolean; readonly rows: readonly InboundEmailRow[] }>
  /** How many mails need a person. */
  readonly countNeeding: (scope: MailScope) => Promise<{ readonly held: number; readonly failed: number }>
  readonly find: (scope: MailScope, id: number) => Promise<InboundEmailRow | null>
  /** The raw bytes as received; null also when they are incinerated. */
  readonly readRaw: (scope: MailScope, id: number) => Promise<Uint8Array | null>
  /** Runs it again; never appends twice. */
  readonly replay: (scope: MailScope, id: number) => Promise<InboundEmailRow | null>
  /**
   * Files a held mail into a conversation; null also when the conversation is not in the scope. `accountId` null =
   * the mail's own account.
   */
  readonly file: (
    scope: MailScope,
    id: number,
    into: {
      readonly accountId: number | null
      readonly conversationDisplayId: number
      /** Send it on to the customer, as the answer of the agent who wrote it. */
      readonly sendAsAgent?: boolean
    },
  ) => Promise<InboundEmailRow | null>
  /** Takes a filing back. */
  readonly unfile: (scope: MailScope, id: number) => Promise<InboundEmailRow | null>
  /** Opens a conversation of its author for it; `inboxId` null = the inbox that it was going to. */
  readonly open: (scope: MailScope, id: number, inboxId: number | null) => Promise<InboundEmailRow | null>
  /** Takes that back; a conflict once something else has happened in the conversation. */
  readonly unopen: (scope: MailScope, id: number) => Promise<InboundEmailRow | null>
  /** Settles a held or failed mail as ignored. */
  readonly discard: Change
  readonly undiscard: Change
  /** Ignores this and all further mail of its sender. */
  readonly block: Change
  readonly unblock: Change
  readonly listBlocked: (accountId: number) => Promise<readonly BlockedSender[]>
  /** False: no such block. */
  readonly deleteBlocked: (accountId: number, id: number) => Promise<boolean>
  /** Best first. */
  readonly candidates: (scope: MailScope, id: number) => Promise<readonly Candidate[] | null>
  /** The parser's result today, and its difference from the text that was stored. */
  readonly parse: (
    scope: MailScope,
    id: number,
  ) => Promise<{
    readonly mail: ParsedMail
    readonly changed: { readonly stored: string; readonly today: string } | null
  } | null>
  readonly compose: (mail: Composed) => Buffer
  /** Stores a mail as if an MTA had handed it over. */
  readonly submitMail: (scope: MailScope, mail: ExplainRequest) => Promise<InboundEmailRow | null>
  readonly explain: (scope: MailScope, request: ExplainRequest) => Promise<Explanation>
  /** Raw and derived copies are gone afterwards; false: no such mail in this scope. */
  readonly incinerate: (scope: MailScope, id: number) => Promise<boolean>
}
