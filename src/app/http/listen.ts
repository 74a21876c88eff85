// Starts the listeners of this process: HTTP, SMTP, LMTP; and closes them without dropping requests in progress.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import express from 'express'

import type { Config } from '../../config.ts'
import { MailError } from '../../errors.ts'
import type { ByteBudget } from '../../ingress/reading/budget.ts'
import { createMailListener, type MailListener, type MailListenerOptions } from '../../ingress/smtp/listener.ts'
import type { Log } from '../../log.ts'
import type { Accept } from '../../store/accept.ts'
import { keepPace } from './pace.ts'

export interface ListenDeps {
  readonly config: Config
  readonly log: Log
  readonly accept: Accept
  readonly budget: ByteBudget
  readonly checkRecipient: MailListenerOptions['checkRecipient']
  readonly limitSender: MailListenerOptions['limitSender']
  readonly checkSender: MailListenerOptions['checkSender']
  /** Called for each client that was disconnected because it was too slow. */
  readonly onSlow: () => void
  /** In order: ingress comes first, as it reads its bodies itself. */
  readonly routers: readonly express.Router[]
}

export interface Ports {
  readonly http: number | null
  readonly smtp: number | null
  readonly lmtp: number | null
}

/** Resolves when all are open; a taken port is a `MailError('misconfigured')` naming its setting. */
export async function listen(listeners: ListenDeps): Promise<{ ports: Ports; close: () => Promise<void> }> {
  const { config, log } = listeners
  const opened: Listener[] = []
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((listener) => listener.close()))
  }
  const open = async (listener: Promise<Listener | null>): Promise<number | null> => {
    const one = await listener
    if (one !== null) opened.push(one)
    return one?.port ?? null
  }
  try {
    const http = await open(openHttp(listeners))
    const smtp = await open(openMail(listeners, 'smtp', config.SMTP_PORT))
    const lmtp = await open(openMail(listeners, 'lmtp', config.LMTP_PORT))
    log.info('listening', { http, smtp, lmtp })
    return { ports: { http, smtp, lmtp }, close }
  } catch (error) {
    await close()
    throw error
  }
}

type Listener = MailListener

const paceWindowMs = 10_000
const headersTimeoutMs = 20_000

async function openHttp({ config, log, routers, onSlow }: ListenDeps): Promise<Listener | null> {
  if (!config.RUN_HTTP) return null
  const app = express()
  app.disable('x-powered-by').set('etag', false)
  for (const router of routers) app.use(router)
  app.use((_request, response) => {
    response.status(404).json({ error: 'There is nothing here; see README.md for the paths' })
  })
  const server = createServer(app)
  server.requestTimeout = config.SMTP_DATA_TIMEOUT_MS
  server.headersTimeout = Math.min(headersTimeoutMs, config.SMTP_DATA_TIMEOUT_MS)
  keepPace(server, {
    minBytesPerSecond: config.SMTP_DATA_MIN_BYTES_PER_SECOND,
    windowMs: paceWindowMs,
    onSlow: ({ direction, address }) => {
      onSlow()
      log.info('slow-peer', { ingress: 'http', direction, peer: address })
    },
  })
  server.listen(config.PORT, config.HOST)
  await listening(server, `PORT: ${config.HOST}:${String(config.PORT)}`)
  return { port: (server.address() as AddressInfo).port, close: () => closeHttp(server) }
}

async function openMail(
  listeners: ListenDeps,
  protocol: 'smtp' | 'lmtp',
  port: number | null,
): Promise<Listener | null> {
  const { config } = listeners
  if (port === null || !config.RUN_SMTP) return null
  try {
    return await createMailListener({ protocol, port, ...listeners })
  } catch (error) {
    throw taken(error, `${protocol.toUpperCase()}_PORT: ${config.HOST}:${String(port)}`)
  }
}

async function listening(server: Server, name: string): Promise<void> {
  try {
    await once(server, 'listening')
  } catch (error) {
    throw taken(error, name)
  }
}

function taken(error: unknown, name: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'EADDRINUSE')
    return new MailError(
      'misconfigured',
      `${name} is in use by another program. Stop it, or set another port (0 takes a free one).`,
      { cause: error },
    )
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL')
    return new MailError('misconfigured', `${name} cannot be opened (${code}). Choose another address or port.`, {
      cause: error,
    })
  return error
}

async function closeHttp(server: Server): Promise<void> {
  const closed = once(server, 'close')
  // Keep-alive connections are closed after this answer.
  server.prependListener('request', (_request, response) => {
    response.setHeader('Connection', 'close')
  })
  server.keepAliveTimeout = 1
  server.close()
  server.closeIdleConnections()
  const hurried = setTimeout(() => {
    server.closeAllConnections()
  }, 10_000)
  await closed
  clearTimeout(hurried)
}
