// A client that leaves before its answer: a request that only reads is stopped, in the database as well
// (db/cancellable-pool.ts). A request that writes runs to its end, because the client has asked for the change.

import type { RequestHandler } from 'express'

import { actionFor } from '../../http-client/request-signal.ts'

const readsOnly = /\/(?:filter|search)\/?$/

/** True if a request to this path only reads, whatever its method. Never throws. */
export function isReading(path: string): boolean {
  return readsOnly.test(path)
}

/** True if a request to this path signs a user in: its answer is never stored. Never throws. */
export function isSigningIn(path: string): boolean {
  return /^\/auth\//i.test(path)
}

/** Serves the request while its client is connected. */
export const whileClientStays: RequestHandler = (...[request, response, next]) => {
  if (!['GET', 'HEAD'].includes(request.method) && !isReading(request.path)) {
    next()
    return
  }
  const leaving = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) leaving.abort()
  })
  actionFor(leaving.signal, next)
}
