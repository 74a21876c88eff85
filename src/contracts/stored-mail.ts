// A mail that was accepted and stored, and is on its way through the pipeline.

import type { Envelope, Peer } from '../mail/envelope.ts'

/** A stored mail: its row's id, its bytes and the facts of the ingress. */
export interface StoredMail {
  readonly id: number
  readonly raw: Buffer
  readonly envelope: Envelope
  readonly peer: Peer
  readonly ingress: string
  readonly attempts: number
  /** How often it was put off for the mail ahead of it in its thread, and the id of that; see feed/ahead.ts. */
  readonly waits: number
  readonly waitsFor: number | null
}
