// `doctor` without a running service: can the database be reached, are the ports free, and can DATA_DIR and the secret
// key be used? The settings were read before.

import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'

import { type Check, fail, type Finding, look, pass } from '../app/doctor/finding.ts'
import type { Config } from '../config.ts'
import { connectionOf, createPool } from '../db/pool.ts'

/** Every check. Each is independent of the others; none starts or changes anything. Never throws. */
export async function examineOffline(config: Config): Promise<Check[]> {
  const checks: [string, () => Promise<Finding>][] = [
    ['settings', () => Promise.resolve(pass('can be read'))],
    ['database', () => examineDatabase(config)],
    ['DATA_DIR', () => examineFolder(config.DATA_DIR)],
    ['secret key', () => examineKey(config)],
    ...portsOf(config).map(([name, port]): [string, () => Promise<Finding>] => [
      name,
      () => examinePort(config.HOST, port),
    ]),
  ]
  return Promise.all(
    checks.map(async ([name, examine]) => {
      const finding = await examine().catch((error: unknown) => fail(sayError(error)))
      return { name, ...finding }
    }),
  )
}

async function examineDatabase({ DATABASE_URL: url, DATA_DIR }: Config): Promise<Finding> {
  if (url === undefined) return pass(`embedded in ${DATA_DIR}; it starts with the service`)
  const connection = connectionOf(url)
  const where = new URL(url)
  const name = `${where.host}${where.pathname}`
  const pool = createPool({ ...connection, pipeline: false }, 1, () => undefined)
  try {
    const { rows } = await pool.query<{ version: string }>(`select current_setting('server_version') as version`)
    return pass(`PostgreSQL ${rows[0]?.version ?? ''} at ${name} accepts the connection`)
  } catch (error) {
    return fail(`Cannot connect to PostgreSQL ${name}: ${sayError(error)}. Check DATABASE_URL.`)
  } finally {
    await pool.end().catch(() => undefined)
  }
}

async function examineFolder(folder: string): Promise<Finding> {
  const found = await stat(folder).catch(() => null)
  if (found === null) return look(`${folder} does not exist; the first start creates it`)
  if (!found.isDirectory()) return fail(`${folder} is not a folder`)
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  return pass(`${folder} can be read and written`)
}

async function examineKey({ DATA_DIR, SECRET_KEY_BASE }: Config): Promise<Finding> {
  if (SECRET_KEY_BASE !== undefined) return pass('SECRET_KEY_BASE is set')
  const file = join(DATA_DIR, 'secret-key')
  const found = await stat(file).catch(() => null)
  if (found === null)
    return look(`${file} does not exist: the first start creates it; an existing database needs its own key`)
  await access(file, constants.R_OK)
  return (found.mode & 0o077) === 0
    ? pass(`${file} can be read by its owner only`)
    : look(`${file} can be read by others: chmod 600 ${file}`)
}

function portsOf(config: Config): [string, number][] {
  const ports: [string, number | 'off' | null, boolean][] = [
    ['PORT', config.PORT, config.RUN_HTTP],
    ['SMTP_PORT', config.SMTP_PORT, config.RUN_SMTP],
    ['LMTP_PORT', config.LMTP_PORT, config.RUN_SMTP],
  ]
  return ports.flatMap(([name, port, isOn]): [string, number][] =>
    isOn && typeof port === 'number' && port > 0 ? [[name, port]] : [],
  )
}

function examinePort(host: string, port: number): Promise<Finding> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE' ? 'is in use by another program' : sayError(error)
      resolve(fail(`${host}:${String(port)} ${taken}`))
    })
    server.listen({ host, port }, () => {
      server.close(() => {
        resolve(pass(`${host}:${String(port)} is free`))
      })
    })
  })
}

function sayError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? String(error.code) : ''
  return error.message === '' ? code : error.message
}
