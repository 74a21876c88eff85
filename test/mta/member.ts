// The contract that each MTA under test keeps: it can be set up from the documentation, made to retry, and list its
// queue.

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
  /** Whose address arrives as that of the client: `forwarded`, the client's; else the MTA's own. */
  readonly client: 'forwarded' | '127.0.0.1'
  /**
   * The outcome of mail to an unknown recipient: refused at RCPT, taken and held by us, or taken by the MTA and
   * bounced.
   */
  readonly unknown: 'refused' | 'held' | 'bounced'
  readonly takesUtf8Addresses: boolean
}
