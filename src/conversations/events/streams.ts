// Live events for whoever listens at this process: each account is read once, however many listen; who comes back is told first what they have
// missed, in the same order. Woken by the announcer of whichever process, else looking by itself.

import type { Db } from '../../db/client.ts'
import type { Pool } from '../../db/pool.ts'
import type { Log } from '../../log.ts'
import { listEvents, readEvents, type ToldEvent } from './read-events.ts'
import { createChannel, type Channel, type ReadPage, type Stream } from './stream-channel.ts'
import { findStart, type Start } from './stream-start.ts'

export interface Listener {
  readonly accountId: number
  /** The position of the last event that they know; null: they begin now. */
  readonly after: number | null
  /** Told once, before any event: where they begin, and whether something between is no longer kept. */
  readonly onStart: (start: Start) => void
  /** In order, each once. */
  readonly onEvents: (events: readonly ToldEvent[]) => void
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

const pageSize = 200

export function createStreams({ db, pool, log, pollMs }: Options): Streams {
  const channels = new Map<number, Channel>()
  const ends = new Set<() => void>()
  let stopped = false
  const onFault = (error: unknown): void => {
    log.warn('fault', { error, during: 'streams' })
  }
  const read = createReader({ db, pool })
  const channelOf = (accountId: number, from: number): Channel => {
    const channel = channels.get(accountId) ?? createChannel(accountId, from, { read, onFault })
    channels.set(accountId, channel)
    return channel
  }
  const wake = (): void => {
    for (const [accountId, channel] of channels) {
      if (channel.isEmpty()) channels.delete(accountId)
      else channel.wake()
    }
  }
  const timer = setInterval(wake, pollMs)

  return {
    wake,
    listen: (listener) => {
      const stream = createStream(listener)
      const end = (): void => {
        stream.close()
        ends.delete(cut)
        channels.get(listener.accountId)?.leave(stream)
      }
      const cut = (): void => {
        end()
        listener.onEnd()
      }
      ends.add(cut)
      if (stopped) cut()
      else
        begin(stream, listener, { pool, read, channelOf }).catch((error: unknown) => {
          onFault(error)
          cut()
        })
      return end
    },
    stop: () => {
      stopped = true
      clearInterval(timer)
      for (const cut of [...ends]) cut()
    },
  }
}

function createReader(sql: Pick<Options, 'db' | 'pool'>): ReadPage {
  return async (accountId, position) => {
    const events = await listEvents(sql.pool, accountId, { position, limit: pageSize })
    return { told: await readEvents(sql, accountId, events), end: events.at(-1)?.position ?? position }
  }
}

type OpenStream = Stream & { readonly isOpen: () => boolean; readonly startAt: (position: number) => void; readonly close: () => void }

function createStream({ onEvents }: Listener): OpenStream {
  let position = 0
  let open = true
  return {
    isOpen: () => open,
    position: () => position,
    startAt: (start) => {
      position = start
    },
    give: ({ told, end }) => {
      if (!open || end <= position) return
      const news = told.filter(({ event }) => event.position > position)
      position = end
      if (news.length > 0) onEvents(news)
    },
    close: () => {
      open = false
    },
  }
}

// Reads alone until it knows what its account's channel knows; then listens with the others.
async function begin(
  stream: OpenStream,
  { accountId, after, onStart }: Listener,
  ground: { readonly pool: Pool; readonly read: ReadPage; readonly channelOf: (accountId: number, from: number) => Channel },
): Promise<void> {
  const start = await findStart(ground.pool, accountId, after)
  stream.startAt(start.position)
  if (stream.isOpen()) onStart(start)
  while (stream.isOpen()) {
    const channel = ground.channelOf(accountId, stream.position())
    if (channel.cursor() <= stream.position()) {
      channel.join(stream)
      return
    }
    const { told, end } = await ground.read(accountId, stream.position())
    // Where nothing is left of what the others were told, they are where the channel is.
    stream.give({ told, end: end === stream.position() ? channel.cursor() : end })
  }
}
