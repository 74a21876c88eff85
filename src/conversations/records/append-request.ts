// The request of the pipeline for one mail, and the result. Plain values that match routing's decisions.

import type { Tx } from '../../db/pool.ts'
import type { ParsedMail } from '../../mail/parsed-mail.ts'

export interface Marks {
  readonly autoReply: boolean
  readonly verified: boolean
  readonly viaOtherReplyAddress: boolean
  readonly reusedMessageId: boolean
}

export interface Speaker {
  readonly address: string
  readonly name: string
}

export interface AppendIncoming {
  readonly act: 'append'
  readonly conversationId: number
  readonly contactId: number | null
  readonly speaker: Speaker
  readonly reopens: boolean
  readonly marks: Marks
}

export interface AppendAsAgent {
  readonly act: 'append-as-agent'
  readonly conversationId: number
  readonly userId: number
  readonly marks: Marks
}

export interface OpenConversation {
  readonly act: 'open'
  readonly inboxId: number
  readonly accountId: number
  readonly linkedToId: number | null
  readonly speaker: Speaker
  readonly marks: Marks
}

export interface ReportOnMessage {
  readonly act: 'report'
  readonly reason: 'bounce' | 'complaint' | 'read-receipt'
  readonly messageId: number
}

export type Act =
  | AppendIncoming
  | AppendAsAgent
  | OpenConversation
  | ReportOnMessage
  | { readonly act: 'hold'; readonly reason?: string; readonly candidates?: readonly number[] }
  | { readonly act: 'ignore' }

/** One mail on its way into the ledger. */
export interface AppendRequest<A extends Act = Act> {
  readonly inboundEmailId: number
  readonly decision: A
  readonly mail: ParsedMail
  /** Attached as `original.eml` where the mail could not be read completely. */
  readonly raw: Uint8Array
}

/** The destination of a mail; nulls if it became no message. */
export interface Appended {
  readonly inboundEmailId: number
  readonly conversationId: number | null
  readonly messageId: number | null
}

/** Finalises each mail in the transaction of its effects; store/settle has this shape. */
export interface Settlement {
  /** Locks the rows that are still to be settled and returns them: another process may have been faster. */
  readonly lock: (tx: Tx, inboundEmailIds: readonly number[]) => Promise<ReadonlySet<number>>
  readonly settle: (tx: Tx, appended: readonly Appended[]) => Promise<void>
}
