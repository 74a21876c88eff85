// A plan for the configuration of a provider: inspect, show, and apply only with --yes. Settings that are already right
// are not changed, so a plan can be applied repeatedly.

import { CommandError } from '../client.ts'

export interface SetupRequest {
  /** The address that the provider posts to, with the password if it needs one. */
  readonly url: string
  /** The domain whose mail is wanted. */
  readonly domain: string
  readonly apiKey: string
  /** Base of the provider's API; null = the provider's own. */
  readonly api: string | null
}

export interface Change {
  /** One line, without secrets. */
  readonly what: string
  readonly action: () => Promise<unknown>
}

/** Finds the changes needed at the provider. Read-only. */
export type Plan = (request: SetupRequest) => Promise<readonly Change[]>

export interface ApiCall {
  readonly method?: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** Asks a JSON API. Throws `CommandError` with its message. */
export async function callApi(url: string, { method = 'GET', headers, body }: ApiCall): Promise<unknown> {
  const { host } = new URL(url)
  const response = await fetch(url, {
    ...{ method, redirect: 'error', signal: AbortSignal.timeout(30_000) },
    headers: {
      accept: 'application/json',
      ...headers,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    throw new CommandError(`${host} does not answer (${error instanceof Error ? error.message : String(error)})`, 69)
  })
  const text = await response.text()
  if (!response.ok)
    throw new CommandError(
      `${host} says ${String(response.status)}: ${text.slice(0, 300)}`,
      response.status === 401 || response.status === 403 ? 77 : 69,
    )
  return parse(text, host)
}

function parse(text: string, host: string): unknown {
  try {
    return text === '' ? null : (JSON.parse(text) as unknown)
  } catch {
    throw new CommandError(`${host} answered without JSON`, 69)
  }
}

/** An object of an answer, empty where it is none. Never throws. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {}
}

/** The objects of a list in an answer. Never throws. */
export function recordsOf(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(recordOf) : []
}

/** A text for people: the addresses in it without their passwords. */
export function withoutPassword(text: string): string {
  return text.replace(/(:\/\/[^:/?#\s"]*):[^/?#\s"]*@/g, '$1:****@')
}
