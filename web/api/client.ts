// The one way to the service: the public API with the types of its own document. A request carries the session's
// cookie; every failure is an ApiError with the sentence that the server wrote.

import createClient from 'openapi-fetch'

import type { components, paths } from './schema'

export type Schemas = components['schemas']
// openapi-fetch leaves out what is always null.
export type Conversation = Omit<Schemas['Conversation'], 'sla_policy_id'>
export type Message = Schemas['MessageInConversation']

/** A request that failed: the status, and what the server says of it. Status 0: no answer came. */
export class ApiError extends Error {
  readonly status: number
  /** Sentences for single fields, by the name of the field. */
  readonly fields: Readonly<Record<string, string>>

  constructor(status: number, message: string, fields: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.fields = fields
  }
}

export const api = createClient<paths>({ baseUrl: '/', credentials: 'same-origin' })

type Answer<Data> = { readonly data?: Data; readonly error?: unknown; readonly response: Response }

let onRefused: () => void = () => undefined

/** Calls `listener` after each 401: the session may have ended, or the action is not allowed to this person. */
export function listenForRefusals(listener: () => void): void {
  onRefused = listener
}

/** The data of a request. Throws `ApiError`. */
export async function ask<Data>(request: Promise<Answer<Data>>): Promise<NonNullable<Data>> {
  let answer: Answer<Data>
  try {
    answer = await request
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError(0, 'offline')
  }
  const { data, error, response } = answer
  if (response.ok) return data as NonNullable<Data>
  if (response.status === 401) onRefused()
  throw toApiError(response.status, error)
}

/**
 * What a failed answer says, in the shapes of the API: `error`, `message`, `errors`, and `attributes` with the
 * fields.
 */
export function toApiError(status: number, body: unknown): ApiError {
  const said: { error?: unknown; message?: unknown; errors?: unknown; attributes?: unknown } =
    typeof body === 'object' && body !== null ? body : {}
  const sentences = [said.error, said.message, ...(Array.isArray(said.errors) ? (said.errors as unknown[]) : [])]
  const sentence = sentences.find((one): one is string => typeof one === 'string' && one !== '')
  const names = Array.isArray(said.attributes) ? said.attributes.filter((name) => typeof name === 'string') : []
  return new ApiError(
    status,
    sentence ?? `HTTP ${String(status)}`,
    Object.fromEntries(names.map((name) => [name, sentence ?? ''])),
  )
}
