// The events of one account as this process reads them: once for all of its streams that have caught up.

import { startRounds } from '../queue/rounds.ts'
import type { EventDetails } from './event-details.ts'

export interface Page {
  readonly details: readonly EventDetails[]
  /** Of the last event, or where it was read from. */
  readonly end: number
}
export type ReadPage = (accountId: number, position: number) => Promise<Page>

/** An open stream. */
export interface Stream {
  /** The last delivered position. */
  readonly position: () => number
  /**
   * The events after its position, up to the end of the page. False: the client is slow, and reads on alone until it
   * has caught up.
   */
  readonly give: (page: Page) => boolean
}

interface Channel {
  /** The position that all of its clients have received. */
  readonly cursor: () => number
  /** Only for clients that have received everything up to the cursor. */
  readonly join: (stream: Stream) => void
  readonly leave: (stream: Stream) => void
  readonly isEmpty: () => boolean
  readonly wake: () => void
}

interface Reading {
  readonly read: ReadPage
  readonly onFault: (error: unknown) => void
}

export interface Channels {
  /** That of the account; one that is not there yet begins at `from`. */
  readonly of: (accountId: number, from: number) => Channel
  readonly leave: (accountId: number, stream: Stream) => void
  readonly wake: () => void
}

/** The channels of all accounts with open streams. */
export function createChannels(reading: Reading): Channels {
  const channels = new Map<number, Channel>()
  return {
    of: (accountId, from) => {
      const channel = channels.get(accountId) ?? createChannel(accountId, from, reading)
      channels.set(accountId, channel)
      return channel
    },
    leave: (accountId, stream) => channels.get(accountId)?.leave(stream),
    wake: () => {
      for (const [accountId, channel] of channels) {
        if (channel.isEmpty()) channels.delete(accountId)
        else channel.wake()
      }
    },
  }
}

/** `from`: the position at which it begins. */
function createChannel(accountId: number, from: number, { read, onFault }: Reading): Channel {
  const streams = new Set<Stream>()
  let cursor = from
  const { wake } = startRounds({
    pollMs: null,
    round: async () => {
      if (streams.size === 0) return false
      const page = await read(accountId, cursor)
      const isNew = page.end > cursor
      cursor = page.end
      for (const stream of streams) if (!stream.give(page)) streams.delete(stream)
      return isNew
    },
    onFault,
  })
  return {
    cursor: () => cursor,
    join: (stream) => {
      streams.add(stream)
      wake()
    },
    leave: (stream) => {
      streams.delete(stream)
    },
    isEmpty: () => streams.size === 0,
    wake,
  }
}
