// One request as an adapter sees it once its body is here: read as a form at most once, however often it is asked for.

import type { Request } from 'express'

import type { RequestBounds } from './reading/bounds.ts'
import { type Form, readForm } from './reading/form.ts'
import { parseJson } from './reading/json.ts'

export interface Delivery {
  readonly request: Request
  readonly body: Buffer
  /** Throws `MailError('malformed')`. */
  readonly form: () => Promise<Form>
  /** Throws `MailError('malformed')`. */
  readonly json: () => unknown
}

/** Reads lazily, and nothing beyond `bounds`. Never throws. */
export function createDelivery(request: Request, body: Buffer, bounds: Partial<RequestBounds> = {}): Delivery {
  let form: Promise<Form> | null = null
  return {
    request,
    body,
    form: () => (form ??= readForm(body, request.headers, bounds.maxParts)),
    json: () => parseJson(body, 'the body', bounds.json),
  }
}
