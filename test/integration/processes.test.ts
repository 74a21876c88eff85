// The service as processes: several on one database, one that dies, one that is asked to stop under load, one that
// must not start.

import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, inject, test } from 'vitest'

import { createTestDatabase, describeOnEachDatabase } from '../support/database.ts'
import { freshWords, mail } from '../support/mail.ts'
import { openSession } from '../support/mail-client.ts'
import { addAgent } from '../support/people.ts'
import { acceptedId, createDataDir, runServe, startProcess, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

const jane = 'jane@example.com'
const { redis } = inject('servers')

describeOnEachDatabase('two processes on one database', (member) => {
  async function startTwo(env: Record<string, string>) {
    const database = await createTestDatabase(member)
    const folders = [await createDataDir(), await createDataDir()] as const
    const common = {
      DATABASE_URL: database.url,
      ADMIN_ACCESS_TOKEN: 'one-token-for-both-processes',
      RAILS_INBOUND_EMAIL_PASSWORD: 'secret',
      ...env,
    }
    const door = await startProcess({ ...common, DATA_DIR: folders[0].path, RUN_WORKER: 'false' })
    const worker = await startProcess({ ...common, DATA_DIR: folders[1].path, RUN_SMTP: 'false' })
    const both = { door: Object.assign(door, { token: common.ADMIN_ACCESS_TOKEN, password: 'secret' }), worker }
    return {
      ...both,
      [Symbol.asyncDispose]: async () => {
        await Promise.all([door.kill(), worker.kill()])
        await database.drop()
        await Promise.all(folders.map((folder) => folder.remove()))
      },
    }
  }

  const channels: [string, Record<string, string>][] = [
    ['without Redis', {}],
    ['with Redis', { REDIS_URL: redis ?? '' }],
    ['with a Redis that is away', { REDIS_URL: 'redis://127.0.0.1:9' }],
  ]
  test.for(channels)('mail that one accepts is appended and answered by the other, %s', async ([, env], { skip }) => {
    skip(env['REDIS_URL'] === '', 'there is no Redis server')
    await using two = await startTwo(env)
    const { door, worker } = two
    const agent = `agent@staff.example`
    const userId = await addAgent(door, agent)
    await door.sql('update conversations set assignee_id = $1', [userId])
    const words = freshWords()
    const id = acceptedId(
      await door.smtp({ from: jane, to: door.replyAddress, raw: mail({ From: jane, To: door.replyAddress }, words) }),
    )
    expect(await door.settled(id)).toMatchObject({ status: 'delivered', reason: 'reply-address' })
    const notice = await until('the notice of the worker', async () =>
      (await worker.outbox()).find(({ recipients }) => recipients.includes(agent)),
    )
    expect(notice.text).toContain(words)
    expect(await door.outbox()).toEqual([])
    // Work that the process of the API writes is done by the worker too.
    await door.api('POST', '/api/v1/accounts/1/conversations/1/messages', { content: 'an answer' })
    await until('the answer of the worker', async () =>
      (await worker.outbox()).find(({ recipients }) => recipients.includes(jane)),
    )
  })
})

describeOnEachDatabase('a process that dies', (member) => {
  test('by kill -9 leaves mail that the next one finishes, each once', async () => {
    const database = await createTestDatabase(member)
    const folder = await createDataDir()
    const env = { DATABASE_URL: database.url, DATA_DIR: folder.path }
    try {
      const first = await startProcess(env)
      const { replyAddress } = first
      const mails = Array.from({ length: 120 }, () => freshWords())
      const accepted: number[] = []
      const sessions = await Promise.all(Array.from({ length: 8 }, () => openSession(first.ports.smtp, 'smtp')))
      const queue = [...mails]
      const sending = sessions.map(async (session) => {
        for (let words = queue.shift(); words !== undefined; words = queue.shift()) {
          const reply = (
            await session.submit({ from: jane, to: replyAddress, raw: mail({ From: jane, To: replyAddress }, words) })
          ).data[0]
          if (reply?.startsWith('250')) accepted.push(Number(/as (\d+)/.exec(reply)?.[1]))
          else return
        }
      })
      await until('some mails accepted', () => accepted.length >= 40)
      expect((await first.kill()).signal).toBe('SIGKILL')
      await Promise.all(sending)
      for (const session of sessions) session.close()

      const second = await startProcess(env)
      try {
        for (const id of accepted) expect(await second.settled(id)).toMatchObject({ status: 'delivered' })
        const counted = await second.sql<{ content: string; n: number }>(
          `select content, count(*) as n from messages where content like 'words-%' group by content`,
        )
        expect(counted.length).toBeGreaterThanOrEqual(accepted.length)
        expect(counted.filter(({ n }) => n !== 1)).toEqual([])
        expect((await second.balance())['unaccounted']).toBe(0)
      } finally {
        await second.kill()
      }
    } finally {
      await database.drop()
      await folder.remove()
    }
  }, 120_000)

  test('by SIGTERM under load has stored all mail that it accepted, and ends with status 0', async () => {
    const database = await createTestDatabase(member)
    const folder = await createDataDir()
    try {
      const service = await startProcess({ DATABASE_URL: database.url, DATA_DIR: folder.path })
      const yes: string[] = []
      let asked = 0
      const sessions = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          openSession(i % 2 === 0 ? service.ports.smtp : service.ports.lmtp, i % 2 === 0 ? 'smtp' : 'lmtp'),
        ),
      )
      const bySession = sessions.map(async (session) => {
        while (asked < 3_000) {
          asked++
          const words = freshWords()
          const { data } = await session.submit({
            from: jane,
            to: service.replyAddress,
            raw: mail({ From: jane, To: service.replyAddress }, words),
          })
          if (data[0]?.startsWith('250') !== true) break
          yes.push(words)
        }
        session.close()
      })
      const byHttp = Array.from({ length: 4 }, async () => {
        while (asked < 3_000) {
          asked++
          const words = freshWords()
          const status = await service
            .relay(mail({ From: jane, To: service.replyAddress }, words), { to: service.replyAddress })
            .then(
              (answer) => answer.status,
              () => 0,
            )
          if (status !== 204) return
          yes.push(words)
        }
      })
      await until('a load', () => yes.length >= 60)
      const askedAt = performance.now()
      const ended = await service.stop()
      // Clients that go on sending delay nothing: remaining ones would be cut after 10 s.
      expect(performance.now() - askedAt).toBeLessThan(9_500)
      await Promise.all([...bySession, ...byHttp])
      expect(ended).toMatchObject({ status: 0, signal: null })
      const { rows } = await database.pool.query<{ text: string }>(
        `select convert_from(bytes, 'UTF8') as text from raw_emails`,
      )
      const stored = new Set(rows.map(({ text }) => /words-\S+/.exec(text)?.[0]))
      expect(yes.filter((words) => !stored.has(words))).toEqual([])
    } finally {
      await database.drop()
      await folder.remove()
    }
  })
})

describeOnEachDatabase('a database that cuts its connections', (member) => {
  test('under load crashes no process; accepted mail is delivered, and work continues', async () => {
    await using service = await startService({ on: member })
    const yes: number[] = []
    const statuses = new Set<number>()
    let more = true
    const sending = Array.from({ length: 12 }, async () => {
      while (more && service.isRunning()) {
        const { status, id } = await service
          .relay(mail({ From: jane, To: service.replyAddress }, freshWords()), { to: service.replyAddress })
          .catch(() => ({ status: 0, id: 0 }))
        statuses.add(status)
        if (status === 204) yes.push(id)
      }
    })
    const accepted = (count: number) =>
      until(`${String(count)} mails accepted`, () => {
        if (!service.isRunning()) throw new Error('the service has ended')
        return yes.length >= count
      })
    for (let cut = 1; cut <= 6; cut++) {
      await accepted(cut * 30)
      await service.sql(
        `
          select pg_terminate_backend(pid)
          from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and application_name like 'rethread%'
        `,
      )
    }
    await accepted(yes.length + 30)
    more = false
    await Promise.all(sending)
    // Yes, or: again later.
    expect([...statuses].filter((status) => status !== 204 && status !== 503)).toEqual([])
    // What was stored while its answer was cut waits for the end of its lease, what met a fault for its next attempt:
    // both are taken off the clock.
    await service.sql(`update inbound_emails set run_at = now() where status in ('pending', 'processing')`)
    await until(
      'all settled',
      async () => {
        await service.sql(
          `update inbound_emails set run_at = now() where status = 'pending' and last_error is not null`,
        )
        const { pending, processing } = await service.balance()
        return pending === 0 && processing === 0
      },
      45_000,
    )
    const ends = await service.sql<{ status: string; n: number }>(
      'select status, count(*)::int as n from inbound_emails where id = any($1) group by status',
      [yes],
    )
    expect(ends).toEqual([{ status: 'delivered', n: new Set(yes).size }])
  }, 90_000)
})

describe('on the embedded database', () => {
  test('a second process on the same folder ends with a message and status 78; the first continues', async () => {
    await using service = await startService({ on: null })
    const second = await runServe({ DATA_DIR: service.dataDir, PORT: '0', SMTP_PORT: '0', LMTP_PORT: '0' })
    expect(second.status).toBe(78)
    expect(second.stderr).toMatch(/^rethread cannot start: Another rethread process is running on /m)
    expect(second.stderr).not.toMatch(/^ +at /m)
    expect(
      await service.deliver(mail({ From: jane, To: service.replyAddress }), { to: service.replyAddress }),
    ).toMatchObject({ status: 'delivered' })
  })

  test('kill -9 ends the database as well, and the next start finds all data', async () => {
    const folder = await createDataDir()
    try {
      const first = await startProcess({ DATA_DIR: folder.path })
      const words = freshWords()
      const { status, id } = await first.relay(mail({ From: jane, To: first.replyAddress }, words), {
        to: first.replyAddress,
      })
      expect(status).toBe(204)
      await first.kill()
      const second = await startProcess({ DATA_DIR: folder.path })
      try {
        expect(await second.settled(id, 90_000)).toMatchObject({ status: 'delivered', conversation_id: 1 })
        expect((await second.messages(1)).filter(({ content }) => content === words)).toHaveLength(1)
        expect(await second.stop()).toMatchObject({ status: 0 })
      } finally {
        await second.kill()
      }
    } finally {
      await folder.remove()
    }
  }, 120_000)
})

describe('a failing start', () => {
  test('names every wrong setting together, masks secrets, and ends with status 78', async () => {
    const ended = await runServe({
      PORT: 'eighty',
      SMTP_PORT: '70000',
      DATABASE_URL: 'mysql://user:hunter2@db/x',
      RAILS_INBOUND_EMAIL_SERVICE: 'relay,pigeon',
      ADMIN_ACCESS_TOKEN: 'short',
      TRUSTED_RELAYS: '10.0.0.0/64',
    })
    expect(ended.status).toBe(78)
    for (const name of [
      'PORT',
      'SMTP_PORT',
      'DATABASE_URL',
      'RAILS_INBOUND_EMAIL_SERVICE',
      'ADMIN_ACCESS_TOKEN',
      'TRUSTED_RELAYS',
    ])
      expect(ended.stderr).toMatch(new RegExp(`^ +${name}: .+ \\(got ".*"\\)$`, 'm'))
    expect(ended.stderr).toContain('(got "eighty")')
    expect(ended.stderr).not.toMatch(/hunter2|"short"/)
    expect(ended.stderr).not.toMatch(/^ +at /m)
  })

  test('on an unreachable database server ends with status 75 and a message', async () => {
    const folder = await createDataDir()
    const ended = await runServe({
      DATA_DIR: folder.path,
      DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none',
      PORT: '0',
    })
    await folder.remove()
    expect(ended.status).toBe(75)
    expect(ended.stderr).toMatch(
      /^rethread cannot start: Cannot connect to PostgreSQL 127\.0\.0\.1:9\/none as "nobody": connection refused\. Check DATABASE_URL\. No mail was accepted\.$/m,
    )
  })
})

describeOnEachDatabase('a start', (member) => {
  test('on a taken port ends with status 78 and names the setting', async () => {
    await using service = await startService({ on: member })
    const [row] = await service.sql<{ name: string }>('select current_database() as name')
    const ended = await runServe({
      DATA_DIR: service.dataDir,
      DATABASE_URL: databaseUrl(member.url, row?.name ?? ''),
      PORT: String(service.ports.http),
      SMTP_PORT: 'off',
      LMTP_PORT: 'off',
    })
    expect(ended.status).toBe(78)
    expect(ended.stderr).toMatch(/^rethread cannot start: PORT: .* in use/m)
  })

  test('with another key than the database was written with ends with status 78', async () => {
    await using service = await startService({ on: member, env: { SECRET_KEY_BASE: 'a'.repeat(40) } })
    const [row] = await service.sql<{ name: string }>('select current_database() as name')
    const ended = await runServe({
      DATA_DIR: service.dataDir,
      DATABASE_URL: databaseUrl(member.url, row?.name ?? ''),
      SECRET_KEY_BASE: 'b'.repeat(40),
      PORT: '0',
      SMTP_PORT: 'off',
      LMTP_PORT: 'off',
    })
    expect(ended.status).toBe(78)
    expect(ended.stderr).toMatch(/SECRET_KEY_BASE/)
    expect(ended.stderr).not.toMatch(/aaaa|bbbb/)
  })

  test('without the ingress password of its installation creates one, and logs it', async () => {
    const folder = await createDataDir()
    const database = await createTestDatabase(member)
    try {
      const env = { DATA_DIR: folder.path, DATABASE_URL: database.url }
      const first = await startProcess(env)
      expect(first.log().map(({ event }) => event)).not.toContain('password-made')
      await first.kill()
      await rm(join(folder.path, 'ingress-password'))
      const second = await startProcess(env)
      expect(second.log()).toContainEqual(
        expect.objectContaining({ event: 'password-made', file: join(folder.path, 'ingress-password') }),
      )
      expect(second.password).not.toBe(first.password)
      await second.kill()
    } finally {
      await database.drop()
      await folder.remove()
    }
  })

  test('reads its settings from .env, and the environment wins', async () => {
    const folder = await createDataDir()
    const database = await createTestDatabase(member)
    try {
      await writeFile(
        join(folder.path, '.env'),
        'INBOUND_EMAIL_DOMAIN=from-file.example\nRAILS_INBOUND_EMAIL_PASSWORD=from-file\nSMTP_POTR=2600\n',
      )
      const service = await startProcess({
        DATA_DIR: folder.path,
        DATABASE_URL: database.url,
        RAILS_INBOUND_EMAIL_PASSWORD: 'from-environment',
      })
      expect(service.replyAddress).toMatch(/@from-file\.example$/)
      expect(service.password).toBe('from-environment')
      expect(
        service
          .log()
          .filter(({ event }) => event === 'setting-unknown')
          .map(({ name }) => name as string),
      ).toEqual(['SMTP_POTR'])
      await service.kill()
    } finally {
      await database.drop()
      await folder.remove()
    }
  })
})

function databaseUrl(url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = `/${name}`
  return changed.href
}
