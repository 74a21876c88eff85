// A Redis that dies, comes back, and forgets: it carries hints alone, so nothing is lost and nothing is done twice.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

import { Redis } from 'ioredis'
import { describe, expect, inject, test } from 'vitest'

import { createTestDatabase } from '../support/database.ts'
import { freshWords, mail } from '../support/mail.ts'
import { createDataDir, startProcess } from '../support/service.ts'
import { until } from '../support/until.ts'

const { embedded, server } = inject('servers')
const isThere = spawnSync('redis-server', ['--version']).status === 0
if (!isThere) console.warn('skipped: there is no redis-server to start')

async function freePort(): Promise<number> {
  const socket = createServer().listen(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address() as AddressInfo
  socket.close()
  await once(socket, 'close')
  return port
}

async function startRedis(port: number): Promise<{ child: ChildProcess; client: Redis }> {
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    { stdio: 'ignore' },
  )
  const client = new Redis(port, { lazyConnect: true, maxRetriesPerRequest: 1 })
  client.on('error', () => undefined)
  await until('the start of Redis', () =>
    client.ping().then(
      (answer) => answer === 'PONG',
      () => false,
    ),
  )
  return { child, client }
}

describe.skipIf(!isThere || (embedded ?? server) === null)('Redis', () => {
  test(
    'killed, restarted and emptied under load: every mail is delivered once, and wake-ups arrive ' + 'again',
    async () => {
      const port = await freePort()
      let redis = await startRedis(port)
      const database = await createTestDatabase()
      const folders = [await createDataDir(), await createDataDir()] as const
      const common = {
        DATABASE_URL: database.url,
        REDIS_URL: `redis://127.0.0.1:${String(port)}`,
        ADMIN_ACCESS_TOKEN: 'one-token-for-both-processes',
        RAILS_INBOUND_EMAIL_PASSWORD: 'secret',
      }
      const door = Object.assign(await startProcess({ ...common, DATA_DIR: folders[0].path, RUN_WORKER: 'false' }), {
        token: common.ADMIN_ACCESS_TOKEN,
        password: 'secret',
      })
      const worker = await startProcess({ ...common, DATA_DIR: folders[1].path, RUN_SMTP: 'false' })
      try {
        const sent = new Map<number, string>()
        const send = async (count: number) => {
          for (let i = 0; i < count; i++) {
            const words = freshWords()
            const { status, id } = await door.relay(mail({ From: 'jane@example.com', To: door.replyAddress }, words), {
              to: door.replyAddress,
            })
            expect(status).toBe(204)
            sent.set(id, words)
          }
        }
        const deliver = async (what: string) => {
          await send(10)
          await until(
            `all delivered ${what}`,
            async () =>
              (
                await door.sql<{ n: number }>(
                  `select count(*)::int as n from inbound_emails where status <> 'delivered'`,
                )
              )[0]?.n === 0,
          )
        }
        await deliver('with Redis')
        await send(10)
        redis.child.kill('SIGKILL')
        await deliver('without Redis')
        redis.client.disconnect()
        redis = await startRedis(port)
        // Doors subscribe too: both processes are there again.
        await until(
          'both processes back at Redis',
          async () => Number((await redis.client.pubsub('NUMSUB', 'rethread:wake'))[1]) >= 2,
        )
        await deliver('with Redis again')
        await redis.client.flushall()
        await redis.client.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
        await deliver('after it forgot everything')
        const counted = await door.sql<{ content: string; n: number }>(
          `select content, count(*)::int as n from messages where content like 'words-%' group by 1`,
        )
        expect(new Map(counted.map(({ content, n }) => [content.trim(), n]))).toEqual(
          new Map([...sent.values()].map((words) => [words, 1])),
        )
        expect([door.isRunning(), worker.isRunning()]).toEqual([true, true])
      } finally {
        await Promise.all([door.kill(), worker.kill()])
        redis.client.disconnect()
        redis.child.kill('SIGKILL')
        await database.drop()
        await Promise.all(folders.map((folder) => folder.remove()))
      }
    },
    120_000,
  )
})
