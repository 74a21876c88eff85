// Opens the doors that this process is to have: HTTP, SMTP, LMTP; and closes them without dropping what is under way.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import express from 'express'

import type { Config } from '../config.ts'
import { MailError } from '../errors.ts'
import type { ByteBudget } from '../ingress/budget.ts'
import { createMailListener, type MailListener, type MailListenerOptions } from '../ingress/smtp/listener.ts'
import type { Log } from '../log.ts'
import type { Accept } from '../store/accept.ts'

export interface Doors {
  readonly config: Config
  readonly log: Log
  readonly accept: Accept
  readonly budget: ByteBudget
  readonly checkRecipient: MailListenerOptions['checkRecipient']
  /** In order: ingress comes first, as it reads its bodies itself. */
  readonly routers: readonly express.Router[]
}

export interface Ports {
  readonly http: number | null
  readonly smtp: number | null
  readonly lmtp: number | null
}

/** Resolves when all are open; a taken port is a `MailError('misconfigured')` naming its setting. */
export async function listen(doors: Doors): Promise<{ ports: Ports; close: () => Promise<void> }> {
  const { config, log } = doors
  const opened: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => { await Promise.all(opened.map((shut) => shut())) }
  try {
    const server = config.RUN_HTTP ? await openHttp(doors) : null
    if (server !== null) opened.push(() => closeHttp(server))
    const smtp = await openMail(doors, 'smtp', config.SMTP_PORT)
    if (smtp !== null) opened.push(() => smtp.close())
    const lmtp = await openMail(doors, 'lmtp', config.LMTP_PORT)
    if (lmtp !== null) opened.push(() => lmtp.close())
    const ports = { http: server === null ? null : (server.address() as AddressInfo).port, smtp: smtp?.port ?? null, lmtp: lmtp?.port ?? null }
    log.info('listening', ports)
    return { ports, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function openHttp({ config, routers }: Doors): Promise<Server> {
  const app = express()
  app.disable('x-powered-by').set('etag', false)
  for (const router of routers) app.use(router)
  app.use((_request, response) => {
    response.status(404).json({ error: 'There is nothing here; see README.md for the paths' })
  })
  const server = createServer(app)
  server.requestTimeout = config.SMTP_DATA_TIMEOUT_MS
  server.listen(config.PORT, config.HOST)
  await opened(server, `PORT: ${config.HOST}:${String(config.PORT)}`)
  return server
}

async function openMail(doors: Doors, protocol: 'smtp' | 'lmtp', port: number | null): Promise<MailListener | null> {
  const { config } = doors
  if (port === null || !config.RUN_SMTP) return null
  try {
    return await createMailListener({ protocol, port, ...doors })
  } catch (error) {
    throw taken(error, `${protocol.toUpperCase()}_PORT: ${config.HOST}:${String(port)}`)
  }
}

async function opened(server: Server, name: string): Promise<void> {
  try {
    await once(server, 'listening')
  } catch (error) {
    throw taken(error, name)
  }
}

function taken(error: unknown, name: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'EADDRINUSE') return new MailError('misconfigured', `${name} is in use by another program. Stop it, or set another port (0 takes a free one).`, { cause: error })
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL') return new MailError('misconfigured', `${name} cannot be opened (${code}). Choose another address or port.`, { cause: error })
  return error
}

async function closeHttp(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  const impatient = setTimeout(() => { server.closeAllConnections() }, 10_000)
  await closed
  clearTimeout(impatient)
}
