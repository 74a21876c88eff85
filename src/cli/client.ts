// How commands talk to the running service: over its API, as the administrator.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { ConfigError, readConfig } from '../config.ts'

export interface Client {
  readonly json: (method: string, path: string, body?: unknown) => Promise<unknown>
  /** Sends a stream; answers where the outcome is told. */
  readonly upload: (path: string, request: { readonly body: ReadableStream; readonly contentType: string }) => Promise<{ readonly location: string | null }>
  readonly send: (method: string, path: string, request?: { readonly body?: Uint8Array; readonly contentType?: string }) => Promise<Uint8Array>
}

/** What a command could not do, for people, with the sysexits status to end with. */
export class CommandError extends Error {
  readonly status: number

  constructor(message: string, status: number) {
    super(message)
    this.name = 'CommandError'
    this.status = status
  }
}

/** Reads RETHREAD_URL and RETHREAD_TOKEN; without them the local service and the token that its first start kept. */
export function createClient(): Client {
  const config = readConfig()
  const base = config.RETHREAD_URL ?? `http://${config.HOST}:${String(config.PORT)}`
  const token = config.RETHREAD_TOKEN ?? config.ADMIN_ACCESS_TOKEN ?? keptToken(config.DATA_DIR)
  const ask = (method: string, path: string, { contentType, ...body }: { readonly contentType?: string; readonly body?: Uint8Array | ReadableStream; readonly duplex?: 'half' }): Promise<Response> => {
    const headers = { api_access_token: token, ...(contentType === undefined ? {} : { 'content-type': contentType }) }
    return fetch(new URL(path, base), { method, headers, ...body }).catch((error: unknown) => {
      throw new CommandError(`no service answers at ${base} (${reason(error)}). Start it with "npm start", or set RETHREAD_URL.`, 69)
    })
  }
  const send: Client['send'] = async (method, path, request = {}) => {
    const response = await ask(method, path, request)
    const bytes = new Uint8Array(await response.arrayBuffer())
    if (!response.ok) throw refusal(response.status, Buffer.from(bytes).toString('utf8'))
    return bytes
  }
  return {
    send,
    upload: async (path, request) => {
      const response = await ask('POST', path, { ...request, duplex: 'half' })
      if (!response.ok) throw refusal(response.status, await response.text())
      return { location: response.headers.get('location') }
    },
    json: async (method, path, body) => {
      const bytes = await send(method, path, body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)), contentType: 'application/json' })
      return bytes.length === 0 ? null : (JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown)
    },
  }
}

/** Runs a command's act; what goes wrong becomes one line on stderr and a sysexits status. Never throws. */
export async function runCommand(name: string, act: () => Promise<number>): Promise<number> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof ConfigError) {
      console.error(`rethread ${name}: these settings are wrong:\n${error.problems.map((problem) => `  ${problem}`).join('\n')}`)
      return 78
    }
    console.error(`rethread ${name}: ${error instanceof Error ? error.message : String(error)}`)
    return error instanceof CommandError ? error.status : 70
  }
}

function keptToken(dataDir: string): string {
  try {
    return readFileSync(join(dataDir, 'admin-token'), 'utf8').trim()
  } catch {
    throw new CommandError(`there is no access token: ${join(dataDir, 'admin-token')} cannot be read. Set RETHREAD_TOKEN.`, 77)
  }
}

function refusal(status: number, body: string): CommandError {
  const said = /"(?:error|message)"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(body)?.[1] ?? body.slice(0, 200)
  if (status === 404) return new CommandError(`there is no such thing here (404: ${said})`, 65)
  return new CommandError(`the service says ${String(status)}: ${said}`, status === 401 || status === 403 ? 77 : status >= 500 ? 75 : 65)
}

function reason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error instanceof Error ? error.message : String(error)
}
