// A client that leaves before its answer: what only reads is stopped, in the database as well (db/asked-pool.ts).
// What writes runs to its end, as a client that does not wait for an answer has still said what it wants.

import type { RequestHandler } from 'express'

import { actFor } from '../../http-client/request-signal.ts'

const readsOnly = /\/(?:filter|search)\/?$/

/** Whether a request of this path only reads, whatever its method. Never throws. */
export function isReading(path: string): boolean {
  return readsOnly.test(path)
}

/** Whether a request of this path is about signing in: its answer is kept nowhere. Never throws. */
export function isSigningIn(path: string): boolean {
  return /^\/auth\//i.test(path)
}

/** Serves what follows as long as its client is there. */
export const whileClientStays: RequestHandler = (...[request, response, next]) => {
  if (!['GET', 'HEAD'].includes(request.method) && !isReading(request.path)) {
    next()
    return
  }
  const leaving = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) leaving.abort()
  })
  actFor(leaving.signal, next)
}
