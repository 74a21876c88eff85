// The request of the pipeline for one mail, and the result. Plain values that match routing's decisions.

import type { Decision } from '../../contracts/decision.ts'
import type { Tx } from '../../db/pool.ts'
import type { ParsedMail } from '../../mail/parsed-mail.ts'

/** One mail on its way into the ledger. */
export interface AppendRequest<A extends Decision = Decision> {
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
