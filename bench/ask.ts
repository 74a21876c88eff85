// Requests to the API over some connections at once, each asked when the last is answered; and what that took.

import { percentile } from './load.ts'
import type { Service } from './service.ts'

export interface Question {
  readonly method?: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
}

export interface Asked {
  readonly requests: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  readonly kilobytes: number
  /** CPU of our process and of the database's, ms a request: these wander less with the machine than times do. */
  readonly cpuMs: number
  readonly databaseCpuMs: number
}

/** The answers' parsed body; throws unless it is a 200. */
export async function ask(service: Service, { method = 'GET', path, body }: Question): Promise<unknown> {
  const { text } = await send(service, { method, path, body })
  return JSON.parse(text) as unknown
}

/**
 * Asks `requests` times over `clients` connections, after some that do not count; `next` says what to ask the nth
 * time.
 */
export async function askMany(
  service: Service,
  { requests, clients }: { readonly requests: number; readonly clients: number },
  next: (n: number) => Question,
): Promise<Asked> {
  const warmUp = 20
  let asked = 0
  let bytes = 0
  const times: number[] = []
  const before = await service.cpuSeconds()
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (asked < requests + warmUp) {
        const n = asked++
        const { ms, text } = await send(service, next(n))
        if (n < warmUp) continue
        times.push(ms)
        bytes += text.length
      }
    }),
  )
  const after = await service.cpuSeconds()
  const cpu = {
    cpuMs: ((after.own - before.own) * 1000) / asked,
    databaseCpuMs: ((after.database - before.database) * 1000) / asked,
  }
  times.sort((one, other) => one - other)
  return {
    requests: times.length,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    maxMs: times.at(-1) ?? 0,
    kilobytes: bytes / times.length / 1024,
    ...cpu,
  }
}

async function send(service: Service, { method = 'GET', path, body }: Question): Promise<{ ms: number; text: string }> {
  const headers = {
    api_access_token: service.token,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  }
  const started = performance.now()
  const response = await fetch(`http://127.0.0.1:${String(service.ports.http)}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const ms = performance.now() - started
  if (!response.ok) throw new Error(`${path} answered ${String(response.status)} ${text.slice(0, 200)}`)
  return { ms, text }
}
