// The API's interface to the store of accepted mail. app.ts passes an object of this shape (store, pipeline and
// conversations together).

import type { InboundEmail, InboundEmailFilter, InboundStatus, Scope } from '../../contracts/inbound-email.ts'
import type { StoredTraceEntry } from '../../contracts/trace.ts'
import type { Candidate } from '../../conversations/candidates/candidates.ts'
import type { ParsedMail } from '../../mail/parsed-mail.ts'

/** The predicted outcome of a mail; nothing was written. */
export interface Explanation {
  readonly status: InboundStatus
  readonly reason: string | null
  readonly accountId: number | null
  readonly conversationDisplayId: number | null
  readonly trace: readonly StoredTraceEntry[]
}

export interface ExplainRequest {
  readonly raw: Buffer
  readonly sender: string | null
  readonly recipients: readonly string[]
}

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

type Change = (scope: Scope, id: number, by: ActingPerson) => Promise<InboundEmail | null>

/**
 * Null always means: no such mail in this scope. Anything that cannot be done now is a `MailError('conflict')` with a
 * public sentence.
 */
export interface InboundEmails {
  /** Newest first; `count` counts all pages, exactly or, beyond 10,000, by estimate. */
  readonly list: (
    scope: Scope,
    filter: InboundEmailFilter,
  ) => Promise<{ readonly count: number; readonly isExact: boolean; readonly rows: readonly InboundEmail[] }>
  /** How many mails need a person. */
  readonly countNeeding: (scope: Scope) => Promise<{ readonly held: number; readonly failed: number }>
  readonly find: (scope: Scope, id: number) => Promise<InboundEmail | null>
  /** The raw bytes as received; null also when they are incinerated. */
  readonly readRaw: (scope: Scope, id: number) => Promise<Uint8Array | null>
  /** Runs it again; never appends twice. */
  readonly replay: (scope: Scope, id: number) => Promise<InboundEmail | null>
  /**
   * Files a held mail into a conversation; null also when the conversation is not in the scope. `accountId` null =
   * the mail's own account.
   */
  readonly file: (
    scope: Scope,
    id: number,
    into: {
      readonly accountId: number | null
      readonly conversationDisplayId: number
      /** Send it on to the customer, as the answer of the agent who wrote it. */
      readonly sendAsAgent?: boolean
    },
  ) => Promise<InboundEmail | null>
  /** Takes a filing back. */
  readonly unfile: (scope: Scope, id: number) => Promise<InboundEmail | null>
  /** Opens a conversation of its author for it; `inboxId` null = the inbox that it was going to. */
  readonly open: (scope: Scope, id: number, inboxId: number | null) => Promise<InboundEmail | null>
  /** Takes that back; a conflict once something else has happened in the conversation. */
  readonly unopen: (scope: Scope, id: number) => Promise<InboundEmail | null>
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
  readonly candidates: (scope: Scope, id: number) => Promise<readonly Candidate[] | null>
  /** The parser's result today, and its difference from the text that was stored. */
  readonly parse: (
    scope: Scope,
    id: number,
  ) => Promise<{
    readonly mail: ParsedMail
    readonly changed: { readonly stored: string; readonly today: string } | null
  } | null>
  readonly compose: (mail: Composed) => Buffer
  /** Stores a mail as if an MTA had delivered it. */
  readonly submitMail: (scope: Scope, mail: ExplainRequest) => Promise<InboundEmail | null>
  readonly explain: (scope: Scope, request: ExplainRequest) => Promise<Explanation>
  /** Raw and derived copies are gone afterwards; false: no such mail in this scope. */
  readonly incinerate: (scope: Scope, id: number) => Promise<boolean>
}
