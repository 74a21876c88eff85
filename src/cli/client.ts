// How commands talk to the running service: over its API, as the administrator.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { type Config, ConfigError, readConfig } from '../config.ts'
import { printError } from './print.ts'

export interface Client {
  readonly json: (method: string, path: string, body?: unknown) => Promise<unknown>
  /** Sends a stream; returns the address of its outcome. */
  readonly upload: (
    path: string,
    request: { readonly body: ReadableStream; readonly contentType: string },
  ) => Promise<{ readonly location: string | null }>
  /** The body of an answer that does not end. */
  readonly stream: (path: string) => Promise<AsyncIterable<Uint8Array>>
  readonly send: (
    method: string,
    path: string,
    request?: { readonly body?: Uint8Array; readonly contentType?: string },
  ) => Promise<Uint8Array>
}

/** The error of a command, in plain text, with the sysexits status to end with. */
export class CommandError extends Error {
  readonly status: number
  /** The API's answer; null if something other than the API refused. */
  readonly httpStatus: number | null

  constructor(message: string, status: number, httpStatus: number | null = null) {
    super(message)
    this.name = 'CommandError'
    this.status = status
    this.httpStatus = httpStatus
  }
}

/** Reads RETHREAD_URL and RETHREAD_TOKEN; without them the local service and the token that its first start kept. */
export function createClient(): Client {
  const config = readConfig()
  const base = serviceUrl(config)
  const token = administratorToken(config)
  const ask = (
    method: string,
    path: string,
    {
      contentType,
      ...body
    }: { readonly contentType?: string; readonly body?: Uint8Array | ReadableStream; readonly duplex?: 'half' },
  ): Promise<Response> => {
    const headers = { api_access_token: token, ...(contentType === undefined ? {} : { 'content-type': contentType }) }
    return fetch(new URL(path, base), { method, headers, ...body }).catch((error: unknown) => {
      throw new CommandError(
        `no service answers at ${base} (${reason(error)}). Start it with "npm start", or set RETHREAD_URL.`,
        69,
      )
    })
  }
  const send: Client['send'] = async (method, path, request = {}) => {
    const response = await ask(method, path, request)
    const bytes = new Uint8Array(await response.arrayBuffer())
    if (!response.ok) throw refusal(response.status, Buffer.from(bytes).toString('utf8'), path)
    return bytes
  }
  return {
    send,
    stream: async (path) => {
      const response = await ask('GET', path, {})
      if (!response.ok || response.body === null) throw refusal(response.status, await response.text(), path)
      return response.body
    },
    upload: async (path, request) => {
      const response = await ask('POST', path, { ...request, duplex: 'half' })
      if (!response.ok) throw refusal(response.status, await response.text(), path)
      return { location: response.headers.get('location') }
    },
    json: async (method, path, body) => {
      const bytes = await send(
        method,
        path,
        body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)), contentType: 'application/json' },
      )
      return bytes.length === 0 ? null : (JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown)
    },
  }
}

/** Runs a command's action; what goes wrong becomes one line on stderr and a sysexits status. Never throws. */
export async function runCommand(name: string, action: () => Promise<number>): Promise<number> {
  try {
    return await action()
  } catch (error) {
    if (error instanceof ConfigError) {
      printError(
        `rethread ${name}: these settings are wrong:\n${error.problems.map((problem) => `  ${problem}`).join('\n')}`,
      )
      return 78
    }
    printError(`rethread ${name}: ${error instanceof Error ? error.message : String(error)}`)
    return error instanceof CommandError ? error.status : 70
  }
}

/** The service's address: RETHREAD_URL, or the one of this folder; without a trailing slash. */
export function serviceUrl({ RETHREAD_URL, HOST, PORT }: Config): string {
  return RETHREAD_URL?.replace(/\/+$/, '') ?? `http://${HOST}:${String(PORT)}`
}

/** The token that commands use. Throws `CommandError` where there is none. */
export function administratorToken({ RETHREAD_TOKEN, ADMIN_ACCESS_TOKEN, DATA_DIR }: Config): string {
  const token = RETHREAD_TOKEN ?? ADMIN_ACCESS_TOKEN ?? readStored(DATA_DIR, 'admin-token')
  if (token !== null) return token
  throw new CommandError(
    `there is no access token: ${join(DATA_DIR, 'admin-token')} cannot be read. Set RETHREAD_TOKEN.`,
    77,
  )
}

/** The password of the HTTP ingress; null where neither the settings nor DATA_DIR have it. */
export function ingressPassword({ RAILS_INBOUND_EMAIL_PASSWORD: given, DATA_DIR }: Config): string | null {
  return given ?? readStored(DATA_DIR, 'ingress-password')
}

// The files that the first start created.
function readStored(dataDir: string, name: string): string | null {
  try {
    return readFileSync(join(dataDir, name), 'utf8').trim()
  } catch {
    return null
  }
}

// The records that a path names, last first: the innermost is the missing one.
const nouns: readonly (readonly [RegExp, (id: string, account: string) => string])[] = [
  [/\/inbound_emails\/(\d+)$/, (id) => `There is no inbound email ${id}.`],
  [/\/inbound_emails\/(\d+)\//, (id) => `There is no inbound email ${id}, or no such conversation.`],
  [/\/reply_domains\/([^/]+)$/, (id) => `There is no former domain ${decodeURIComponent(id)}.`],
  [/\/accounts\/(\d+)\/inboxes\/(\d+)$/, (account, id) => `There is no inbox ${id} in account ${account}.`],
  [/\/accounts\/(\d+)\/webhooks\/(\d+)/, (account, id) => `There is no webhook ${id} in account ${account}.`],
  [/\/login_links$/, () => 'There is no such user, or they have not accepted their invitation.'],
  [/\/accounts\/(\d+)/, (id) => `There is no account ${id}.`],
]

function missingThing(path: string): string | null {
  const bare = path.split('?')[0] ?? ''
  for (const [pattern, sentence] of nouns) {
    const found = pattern.exec(bare)
    if (found !== null) return sentence(found[1] ?? '', found[2] ?? '')
  }
  return null
}

function refusal(status: number, body: string, path: string): CommandError {
  const said = /"(?:error|message)"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(body)?.[1] ?? body.slice(0, 200)
  if (status === 404) return new CommandError(missingThing(path) ?? `There is no ${path} (404: ${said}).`, 65, 404)
  return new CommandError(`the service says ${String(status)}: ${said}`, exitStatus(status), status)
}

// As sysexits.h: EX_NOPERM, EX_TEMPFAIL, EX_DATAERR.
function exitStatus(httpStatus: number): number {
  if (httpStatus === 401 || httpStatus === 403) return 77
  return httpStatus >= 500 ? 75 : 65
}

function reason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message
  return error instanceof Error ? error.message : String(error)
}
