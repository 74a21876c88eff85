// One mail as routing sees it, and the policy that routing is given.

import type { Envelope, Peer } from '../mail/envelope.ts'
import type { ParsedMail } from '../mail/parsed-mail.ts'

export interface RoutingInput {
  readonly envelope: Envelope
  readonly peer: Peer
  readonly mail: ParsedMail
  /** Of a mail without a Message-ID: in hex, the same for every envelope of it. */
  readonly contentKey?: string | null
  /** Reads a mail that this one has as a file. What cannot be read comes out degraded. */
  readonly readMail: (raw: Uint8Array) => Promise<ParsedMail>
}

export interface RoutingPolicy {
  /** Authserv-id of the trusted relay, or null: no Authentication-Results count. */
  readonly authservId: string | null
}
