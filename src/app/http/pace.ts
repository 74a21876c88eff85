// The minimum pace of HTTP, for all routes alike: bodies on their way in, and answers on their way out. A client that
// falls behind is answered 408 where nothing was answered yet, and disconnected. A client is slow only while the server
// waits for it, not while the server itself has not read or sent.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'

import { MailError } from '../../errors.ts'

export interface PaceRule {
  /** 0 = any pace. */
  readonly minBytesPerSecond: number
  readonly windowMs: number
  /** Called for each client that was disconnected. Never throws. */
  readonly onSlow: (slow: { readonly direction: 'in' | 'out'; readonly address: string }) => void
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Of the socket, when the request began. */
  readonly start: number
  /** At the end of the last window in which it was already there; null in its first one. */
  mark: { readonly received: number; readonly sent: number; readonly waiting: 'in' | 'out' | null } | null
}

// As for mail (ingress/reading/intake.ts): a client that has sent much must keep a pace at which all of it takes five
// minutes.
const longestSeconds = 300

/** Watches every request of a server; the returned function ends that. Never throws. */
export function keepPace(server: Server, rule: PaceRule): () => void {
  if (rule.minBytesPerSecond === 0) return () => undefined
  const exchanges = new Set<Exchange>()
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const exchange: Exchange = { request, response, start: request.socket.bytesRead, mark: null }
    exchanges.add(exchange)
    response.once('close', () => exchanges.delete(exchange))
  })
  const timer = setInterval(() => {
    for (const exchange of exchanges) {
      const direction = findSlowDirection(exchange, rule)
      if (direction === null) continue
      exchanges.delete(exchange)
      rule.onSlow({ direction, address: exchange.request.socket.remoteAddress ?? '' })
      cutOff(exchange)
    }
  }, rule.windowMs)
  timer.unref()
  return () => {
    clearInterval(timer)
  }
}

// An exchange is slow if it was waited for at the beginning and at the end of a window, and moved too little in it.
function findSlowDirection(exchange: Exchange, { minBytesPerSecond, windowMs }: PaceRule): 'in' | 'out' | null {
  const { socket } = exchange.request
  const before = exchange.mark
  const now = {
    received: socket.bytesRead,
    // Bytes that the system has accepted: `bytesWritten` also counts what still waits here.
    sent: socket.bytesWritten - socket.writableLength,
    waiting: waitingFor(exchange),
  }
  exchange.mark = now
  if (before === null || now.waiting === null || before.waiting !== now.waiting) return null
  const held = before.received - exchange.start
  const isIn = now.waiting === 'in'
  const pace = isIn ? Math.max(minBytesPerSecond, held / longestSeconds) : minBytesPerSecond
  const moved = isIn ? now.received - before.received : now.sent - before.sent
  return moved < (pace * windowMs) / 1_000 ? now.waiting : null
}

function waitingFor({ request, response }: Exchange): 'in' | 'out' | null {
  if (request.socket.writableLength > 0) return 'out'
  const isRead = request.listenerCount('data') + request.listenerCount('readable') > 0
  return !request.complete && isRead && request.readableLength === 0 && !response.writableEnded ? 'in' : null
}

function cutOff({ request, response }: Exchange): void {
  const slow = new MailError('unavailable', 'the client is too slow')
  if (response.headersSent) {
    request.socket.destroy(slow)
    return
  }
  response.writeHead(408, { 'Content-Type': 'application/json; charset=utf-8', Connection: 'close' })
  response.end('{"error":"The request came too slowly"}', () => {
    request.socket.destroy(slow)
  })
}
