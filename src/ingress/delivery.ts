// One request as an adapter sees it once its body is here: read as a form at most once, however often it is asked for.

import type { Request } from 'express'

import { readForm, type Form } from './reading/form.ts'
import { parseJson } from './reading/json.ts'

export interface Delivery {
  readonly request: Request
  readonly body: Buffer
  /** Throws `MailError('malformed')`. */
  readonly form: () => Promise<Form>
  /** Throws `MailError('malformed')`. */
  readonly json: () => unknown
}

/** Reads nothing before it is asked. Never throws. */
export function createDelivery(request: Request, body: Buffer): Delivery {
  let form: Promise<Form> | null = null
  return { request, body, form: () => (form ??= readForm(body, request.headers)), json: () => parseJson(body, 'the body') }
}
