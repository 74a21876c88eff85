// Live events for the clients of this process: each account is read once, however many listen; a reconnecting client
// first receives the events it missed, in the same order. Woken by the announcer of any process, else polling.

import type { Db } from '../db/client.ts'
import type { Pool } from '../db/pool.ts'
import type { Log } from '../log.ts'
import type { EventDetails } from './event-details.ts'
import { listEvents } from './list-events.ts'
import { readEvents } from './read-events.ts'
import { type Channels, createChannels, type ReadPage, type Stream } from './stream-channel.ts'
import { findStart, type Start } from './stream-start.ts'

export interface Listener {
  readonly accountId: number
  /** The position of the last event that the client knows; null: it begins now. */
  readonly after: number | null
  /**
   * How many events of the account are looked through for what they missed; beyond it they begin now. Null = all that
   * are kept.
   */
  readonly reach: number | null
  /** Called once, before any event: the start position, and whether events in between were deleted. */
  readonly onStart: (start: Start) => void
  /** In order, each once. What is returned is waited for before there are more; null = nothing. */
  readonly onEvents: (events: readonly EventDetails[]) => Promise<void> | null
  /** The streams end, or this one cannot be served: come back later. */
  readonly onEnd: () => void
}

export interface Streams {
  readonly wake: () => void
  /** Begins; what is returned ends it. */
  readonly listen: (listener: Listener) => () => void
  /** Ends all, and begins none any more. */
  readonly stop: () => void
}

interface Options {
  readonly db: Db
  readonly pool: Pool
  readonly log: Log
  readonly pollMs: number
}

const pageSize = 100

export function createStreams({ db, pool, log, pollMs }: Options): Streams {
  const ends = new Set<() => void>()
  let stopped = false
  const onFault = faultsTo(log)
  const read = createReader({ db, pool })
  const channels = createChannels({ read, onFault })
  const timer = setInterval(channels.wake, pollMs)

  const catchUp = (stream: OpenStream, cut: () => void, first: () => Promise<void>): void => {
    first()
      .then(() => readAlone(stream, read, channels))
      .catch((error: unknown) => {
        onFault(error)
        cut()
      })
  }

  return {
    wake: channels.wake,
    listen: (listener) => {
      const stream = createStream(listener, (drained) => {
        catchUp(stream, cut, () => drained)
      })
      const end = (): void => {
        stream.close()
        ends.delete(cut)
        channels.leave(listener.accountId, stream)
      }
      const cut = (): void => {
        end()
        listener.onEnd()
      }
      ends.add(cut)
      if (stopped) cut()
      else catchUp(stream, cut, () => begin(stream, listener, pool))
      return end
    },
    stop: () => {
      stopped = true
      clearInterval(timer)
      for (const cut of [...ends]) cut()
    },
  }
}

function faultsTo(log: Log): (error: unknown) => void {
  return (error) => {
    log.warn('fault', { error, during: 'streams' })
  }
}

function createReader(sql: Pick<Options, 'db' | 'pool'>): ReadPage {
  return async (accountId, position) => {
    const events = await listEvents(sql.pool, accountId, { position, limit: pageSize })
    return { details: await readEvents(sql, accountId, events), end: events.at(-1)?.position ?? position }
  }
}

interface OpenStream extends Stream {
  readonly accountId: number
  readonly isOpen: () => boolean
  readonly startAt: (position: number) => void
  readonly close: () => void
}

/** `onSlow` is called when its client has to be waited for: then it is in no channel. */
function createStream({ accountId, onEvents }: Listener, onSlow: (drained: Promise<void>) => void): OpenStream {
  let position = 0
  let open = true
  return {
    accountId,
    isOpen: () => open,
    position: () => position,
    startAt: (start) => {
      position = start
    },
    give: ({ details, end }) => {
      if (!open || end <= position) return open
      const newer = details.filter(({ event }) => event.position > position)
      position = end
      const drained = newer.length > 0 ? onEvents(newer) : null
      if (drained !== null) onSlow(drained)
      return drained === null
    },
    close: () => {
      open = false
    },
  }
}

async function begin(stream: OpenStream, listener: Listener, pool: Pool): Promise<void> {
  const start = await findStart(pool, listener)
  stream.startAt(start.position)
  if (stream.isOpen()) listener.onStart(start)
}

// Until it knows what its account's channel knows; then it listens with the others.
async function readAlone(stream: OpenStream, read: ReadPage, channels: Channels): Promise<void> {
  while (stream.isOpen()) {
    const channel = channels.of(stream.accountId, stream.position())
    if (channel.cursor() <= stream.position()) {
      channel.join(stream)
      return
    }
    const { details, end } = await read(stream.accountId, stream.position())
    // If nothing newer is kept, the others resume at the channel's position. A slow client has been reset.
    if (!stream.give({ details, end: end === stream.position() ? channel.cursor() : end })) return
  }
}
