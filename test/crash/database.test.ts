// A database that goes and comes back, is killed, or does not answer: mail is deferred meanwhile, nothing more.

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'

import { describe, expect, inject, test } from 'vitest'

import { type EmbeddedServer, startEmbedded } from '../../src/db/embedded.ts'
import { createTestDatabase, describeWithDatabase } from '../support/database.ts'
import { createDataDir, type Service, startProcess } from '../support/service.ts'
import { until } from '../support/until.ts'
import { areAllDeferred, askAll, type Asked, findHarsh, findMissing, residentMb, write } from './doors.ts'

const jane = 'jane@example.com'

const isOpenAgain = (service: Service, asked: Asked[]) =>
  until(
    'every way open again',
    async () => {
      const now = await askAll(service, { from: jane, to: service.replyAddress })
      asked.push(...now)
      return now.every(({ id, said }) => id !== null || said === '0')
    },
    40_000,
  )

describe.skipIf(inject('servers').embedded === null)('a database', () => {
  test('that is stopped and restarted: mail is deferred meanwhile, the process stays, nothing is lost', async () => {
    const [ours, theirs] = [await createDataDir(), await createDataDir()]
    let server: EmbeddedServer = await startEmbedded(theirs.path)
    const { host, user, database } = server.connection
    const service = await startProcess({
      DATA_DIR: ours.path,
      DATABASE_URL: `postgresql:///${String(database)}?host=${encodeURIComponent(String(host))}&user=${String(user)}`,
    })
    try {
      const pen = { from: jane, to: service.replyAddress }
      const asked = await askAll(service, pen)
      await server.stop()
      for (let i = 0; i < 3; i++) {
        const now = await askAll(service, pen)
        expect(findHarsh(now)).toEqual([])
        expect(areAllDeferred(now)).toBe(true)
      }
      expect((await fetch(`${service.url}/ready`)).status).toBe(503)
      expect((await fetch(`${service.url}/health`)).status).toBe(200)
      server = await startEmbedded(theirs.path)
      await isOpenAgain(service, asked)
      expect((await fetch(`${service.url}/ready`)).status).toBe(200)
      expect(findHarsh(asked)).toEqual([])
      await service.sql(`update inbound_emails set run_at = now() where status in ('pending', 'processing')`)
      expect(await findMissing(service, asked)).toEqual([])
      expect(await service.balance()).toMatchObject({ unaccounted: 0 })
    } finally {
      await service.kill()
      await server.stop()
      await Promise.all([ours.remove(), theirs.remove()])
    }
  }, 120_000)

  test('that is killed is restarted by Rethread: mail is deferred meanwhile, nothing is lost', async () => {
    const folder = await createDataDir()
    const service = await startProcess({ DATA_DIR: folder.path })
    try {
      const asked: Asked[] = []
      for (let i = 0; i < 3; i++) {
        asked.push(...(await askAll(service, { from: jane, to: service.replyAddress })))
        process.kill(
          Number.parseInt(await readFile(join(service.embeddedFolder, 'postmaster.pid'), 'utf8'), 10),
          'SIGKILL',
        )
        await isOpenAgain(service, asked)
      }
      expect(findHarsh(asked)).toEqual([])
      // What was stored while its answer was cut waits for the end of its lease: that is taken off the clock.
      await service.sql(`update inbound_emails set run_at = now() where status in ('pending', 'processing')`)
      expect(await findMissing(service, asked)).toEqual([])
      expect(await service.balance()).toMatchObject({ unaccounted: 0 })
    } finally {
      await service.stop()
      await folder.remove()
    }
  }, 120_000)
})

/** Between the service and its database; `stall` keeps every octet back, in both directions. */
async function startProxy(databaseUrl: string) {
  const target = new URL(databaseUrl)
  const folder = target.searchParams.get('host')
  const sockets = new Set<Socket>()
  let isStalled = false
  const server = createServer((client) => {
    const database =
      folder === null ? connect(Number(target.port || 5432), target.hostname) : connect(join(folder, '.s.PGSQL.5432'))
    for (const [socket, other] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(socket)
      socket
        .on('error', () => undefined)
        .on('close', () => {
          sockets.delete(socket)
          other.destroy()
        })
      socket.pipe(other)
      if (isStalled) socket.pause()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(`postgres://127.0.0.1:${String((server.address() as AddressInfo).port)}${target.pathname}`)
  url.username = target.username || (target.searchParams.get('user') ?? '')
  url.password = target.password
  return {
    url: url.href,
    stall: () => {
      isStalled = true
      for (const socket of sockets) socket.pause()
    },
    goOn: () => {
      isStalled = false
      for (const socket of sockets) socket.resume()
    },
    stop: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

describeWithDatabase('a database that does not answer', () => {
  test(
    'does not fill memory: mail beyond the budget is deferred, mail within it is accepted when ' +
      'the database answers again',
    async () => {
      const database = await createTestDatabase()
      const folder = await createDataDir()
      const proxy = await startProxy(database.url)
      const service = await startProcess({
        DATA_DIR: folder.path,
        DATABASE_URL: proxy.url,
        MAX_MESSAGE_BYTES: '1000000',
        MAX_BYTES_IN_FLIGHT: '8000000',
      })
      try {
        proxy.stall()
        const statuses: number[] = []
        const waiting: Promise<{ raw: Buffer; id: number | null }>[] = []
        const post = async () => {
          const raw = write({ from: jane, to: service.replyAddress, size: 900_000 })
          const { status, id } = await service.relay(raw, { from: jane, to: service.replyAddress })
          statuses.push(status)
          return { raw, id: status === 204 ? id : null }
        }
        // Far more than the 8 MB that may be in flight; no mail is answered while the others wait.
        for (let i = 0; i < 20; i++) {
          waiting.push(...Array.from({ length: 10 }, post))
          await until('the answers to those without room', () => statuses.length >= waiting.length - 8)
        }
        expect(new Set(statuses)).toEqual(new Set([503]))
        expect(await residentMb(service)).toBeLessThan(400)
        expect((await fetch(`${service.url}/health`)).status).toBe(200)
        proxy.goOn()
        const answered = (await Promise.all(waiting)).filter(({ id }) => id !== null)
        expect(answered.length).toBeGreaterThan(0)
        expect([...new Set(statuses)].sort()).toEqual([204, 503])
        const asked: Asked[] = answered.map(({ raw, id }) => ({ way: 'HTTP', raw, id, said: '204' }))
        await isOpenAgain(service, asked)
        expect(await findMissing(service, asked)).toEqual([])
      } finally {
        await service.kill()
        proxy.stop()
        await database.drop()
        await folder.remove()
      }
    },
    120_000,
  )
})
