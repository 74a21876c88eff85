// A server-sent event stream (text/event-stream, HTML Living Standard §9.2). `id` is the event's position; a client
// that reconnects with it, in Last-Event-ID or `last_event_id`, receives the events it missed. `reset` says that they
// are no longer kept. A slow reader gets backpressure; a reader that stops, or loses its permission, is disconnected.
// Clients reconnect automatically.

import type { ServerResponse } from 'node:http'

import type { EventDetails } from '../../events/event-details.ts'
import type { Streams } from '../../events/streams.ts'
import type { PushEvent } from '../present/push-event.ts'

export interface EventStreamOptions {
  readonly streams: Streams
  readonly accountId: number
  /** The position of the last event that the client knows; null = none. */
  readonly after: number | null
  /** How many events are searched for missed ones; null = all that are kept. */
  readonly reach: number | null
  /** The text sent for an event; null = nothing for this client. */
  readonly render: (details: EventDetails) => string | null
  /** Asked with every heartbeat; a throw or false ends the stream. */
  readonly mayListen: () => Promise<boolean>
  readonly onClose: () => void
  readonly heartbeatMs: number
}

/** Bytes that a client may leave unread before the stream waits for it. */
const maxUnread = 256 * 1024
/** How many heartbeats a stalled client may miss before its stream ends. */
const patience = 3

/** One event as it is sent. */
export function eventText(position: number, { name, data }: PushEvent): string {
  return `id: ${String(position)}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}

/** A position as a client returns it; null for anything else. */
export function positionOf(value: unknown): number | null {
  return typeof value === 'string' && /^\d{1,15}$/.test(value.trim()) ? Number(value) : null
}

/** Sends events until the client goes, or is cut off. */
export function sendEvents(response: ServerResponse, options: EventStreamOptions): void {
  const { streams, accountId, after, reach, render } = options
  if (response.closed) {
    options.onClose()
    return
  }
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  const write = (text: string): void => {
    if (!response.writableEnded && !response.destroyed) response.write(text)
  }
  const end = streams.listen({
    accountId,
    after,
    reach,
    onStart: ({ position, reset }) => {
      write(`retry: 2000\nid: ${String(position)}\n${reset ? 'event: reset\ndata: {}\n' : ''}\n`)
    },
    onEvents: (events) => {
      for (const details of events) {
        const text = render(details)
        if (text !== null) write(text)
      }
      return response.writableLength > maxUnread ? drained(response) : null
    },
    onEnd: () => {
      response.end()
    },
  })
  const hasGone = watchProgress(response)
  const heartbeat = setInterval(() => {
    if (hasGone()) response.destroy()
    else
      options.mayListen().then(
        (may) => {
          if (may) write(': still here\n\n')
          else response.end()
        },
        () => response.end(),
      )
  }, options.heartbeatMs)
  response.on('close', () => {
    clearInterval(heartbeat)
    end()
    options.onClose()
  })
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once('drain', resolve).once('close', resolve)
  })
}

// Asked with every heartbeat: whether what waits has waited for some of them.
function watchProgress(response: ServerResponse): () => boolean {
  let waits = 0
  response.on('drain', () => {
    waits = 0
  })
  return () => {
    waits = response.writableNeedDrain ? waits + 1 : 0
    return waits > patience
  }
}
