// The contract that each MTA under test keeps: it is set up from the documents, told to try again, and asked what
// waits.

import type { ListenerState, Program } from './room.ts'

/**
 * Where an MTA listens, where it sends what is not ours, and what stands for the values that the documents leave to
 * the reader.
 */
export interface Site {
  readonly address: string
  readonly port: number
  readonly sinkPort: number
  /** A block of the documents with this run's ports, addresses and password in it. */
  readonly fill: (block: string) => string
}

export interface Member {
  readonly program: Program
  readonly way: 'lmtp' | 'pipe'
  readonly setUp: (room: ListenerState, site: Site) => Promise<void>
  /** Tries everything in the queue at once, whatever its next attempt is. */
  readonly flush: (room: ListenerState) => Promise<unknown>
  /** Who waits. */
  readonly queue: (room: ListenerState) => Promise<string>
  /** What it has written of its work, oldest first. */
  readonly log: (room: ListenerState) => Promise<string>
  /** Whose address arrives as that of the client: `told`, the client's; else the MTA's own. */
  readonly client: 'told' | '127.0.0.1'
  /**
   * What becomes of mail to a recipient that nobody knows: refused at RCPT, taken and held by us, or taken by the MTA
   * and bounced.
   */
  readonly unknown: 'refused' | 'held' | 'bounced'
  readonly takesUtf8Addresses: boolean
}
