// Everything thrown under the API becomes one answer here, with Chatwoot's bodies (a record that is deleted during the
// request answers 404): 401 {"error"} or {"errors"}, 404 {"error":"Resource could not be found"}, 413, 415, 422
// {"error"} or {"message","attributes"}; else 500/503/507 {"error"}, logged.

import type { ErrorRequestHandler } from 'express'

import { namesGone, refusesValue } from '../conversations/records/unique.ts'
import { statusOf, toMailError } from '../errors.ts'
import type { Log } from '../log.ts'
import { ApiFault, unprocessable } from './input/fault.ts'

const notThere = { error: 'Resource could not be found' }

/** Express's last handler for the API. Never throws; nothing of an unknown fault reaches the client. */
export function createErrorHandler(log: Log): ErrorRequestHandler {
  const handler: ErrorRequestHandler = (...[error, request, response, next]) => {
    if (response.headersSent) {
      next(error)
      return
    }
    const fault = toMailError(apiFaultOf(error) ?? error)
    const status = statusOf(fault).http
    // A cancelled query of a client that has left is not a fault.
    if (status >= 500 && !response.closed)
      log.error('request-failed', { method: request.method, path: request.path, status, error: fault })
    // The rest of a body that is refused is not read: the connection ends with the answer.
    if (status === 413 || (status === 429 && !request.complete)) response.set('connection', 'close')
    if (status === 429) response.set('retry-after', '60')
    if (fault instanceof ApiFault) response.set(fault.headers)
    response.status(status).json(bodyOf(fault, status))
  }
  // Express knows its error handlers by their four parameters.
  return Object.defineProperty(handler, 'length', { value: 4 })
}

// Values that the database refuses come from the client: in a path they name nothing (404), in a body they are invalid.
function apiFaultOf(error: unknown): ApiFault | null {
  if (isBadPath(error) || namesGone(error)) return new ApiFault('not-found', notThere)
  return refusesValue(error) ? unprocessable('The request holds a value that cannot be stored or looked up') : null
}

function bodyOf(fault: ReturnType<typeof toMailError>, status: number): object {
  if (fault instanceof ApiFault) return fault.body
  return status === 404 ? notThere : { error: fault.publicMessage }
}

// Express cannot decode `%ff` in a path.
function isBadPath(error: unknown): boolean {
  return error instanceof URIError
}
