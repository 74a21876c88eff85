// `rethread doctor`: what fails is ✗ or !, with its age and last error, and never ✓; also where no service answers.

import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { examineWaysOut } from '../../src/app/doctor/transports.ts'
import type { Config } from '../../src/config.ts'
import { describeOnEitherDatabase } from '../support/database.ts'
import { freshWords, mail } from '../support/mail.ts'
import { createDataDir, runProgram, type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const line = (stdout: string, name: string): string =>
  stdout.split('\n').find((one) => one.slice(2).startsWith(`${name}: `)) ?? `no line ${name} in ${stdout}`
const portOf = (server: { address: () => unknown }): number => (server.address() as AddressInfo).port

describe('the outgoing mail server', () => {
  const examineAll = (settings: Partial<Config>) =>
    examineWaysOut({ config: { SAFE_URL_ALLOW: [], DATA_DIR: '/data', ...settings } as unknown as Config })
  const examine = async (url: string | undefined) => {
    const [found] = await examineAll({ OUTBOUND_SMTP_URL: url })
    if (found === undefined) throw new Error('no line')
    return found
  }
  let login: SMTPServer
  let silent: Server
  beforeAll(async () => {
    login = new SMTPServer({
      logger: false,
      secure: false,
      hideSTARTTLS: true,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) => {
        if (username === 'right' && password === 'right') done(null, { user: username })
        else done(Object.assign(new Error('Invalid login'), { responseCode: 535 }))
      },
    })
    await new Promise<void>((resolve) => login.listen(0, '127.0.0.1', resolve))
    silent = createServer()
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
  })
  afterAll(() => {
    login.close(() => undefined)
    silent.close()
  })

  test('that accepts connection and login is ok', async () => {
    const found = await examine(`smtp://right:right@127.0.0.1:${String(portOf(login.server))}`)
    expect(found).toEqual({
      name: 'way out',
      ok: true,
      detail: `127.0.0.1:${String(portOf(login.server))} accepts the connection and login`,
    })
  })

  test('that refuses the login is a fault, and its password is not shown', async () => {
    const found = await examine(`smtp://right:hunter2@127.0.0.1:${String(portOf(login.server))}`)
    expect(found.ok).toBe(false)
    expect(found.detail).toMatch(/refuses the login: .*535/)
    expect(found.detail).not.toContain('hunter2')
  })

  test('that refuses the connection is a fault, with the reason', async () => {
    expect(await examine('smtp://127.0.0.1:9')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/ECONNREFUSED/) as string,
    })
  })

  test('that lacks the required TLS is a fault', async () => {
    expect((await examine(`smtps://127.0.0.1:${String(portOf(login.server))}`)).ok).toBe(false)
  })

  test('that never answers is a fault within ten seconds', async () => {
    const start = performance.now()
    expect((await examine(`smtp://127.0.0.1:${String(portOf(silent))}`)).ok).toBe(false)
    expect(performance.now() - start).toBeLessThan(10_000)
  }, 15_000)

  test('among several has a line of its own, with the name and setting of what fails', async () => {
    const port = String(portOf(login.server))
    const found = await examineAll({
      TRANSPORTS: `good=smtp://right:right@127.0.0.1:${port},bad=smtp://right:hunter2@127.0.0.1:${port},gone=smtp://127.0.0.1:9`,
    })
    expect(found.map(({ name, ok }) => [name, ok])).toEqual([
      ['way out good', true],
      ['way out bad', false],
      ['way out gone', false],
    ])
    expect(found[1]?.detail).toMatch(/refuses the login: .*535.*Check "bad" in TRANSPORTS\.$/)
    expect(found[2]?.detail).toMatch(/ECONNREFUSED/)
    expect(JSON.stringify(found)).not.toContain('hunter2')
  })

  test('that is not set is a warning', async () => {
    expect(await examine(undefined)).toMatchObject({ ok: true, attention: true })
  })
})

describeOnEitherDatabase('doctor', (member) => {
  let service: Service
  beforeAll(async () => {
    service = await startService({
      on: member,
      env: { OUTBOUND_SMTP_URL: 'smtp://127.0.0.1:9', SAFE_URL_ALLOW: '127.0.0.1' },
    })
  })
  afterAll(() => service.kill())
  const doctor = async (name: string) => {
    const { status, stdout } = await service.command(['doctor'])
    return { status, line: line(stdout, name) }
  }

  test('held mail is a warning, with the count and the command', async () => {
    await service.deliver(mail({ From: 'x@example.com', To: 'nobody@reply.localhost' }), {
      to: 'nobody@reply.localhost',
    })
    expect((await doctor('held mail')).line).toMatch(
      /^! held mail: 1 mail waits for a person: see "rethread inbound list --status held"/,
    )
  })

  test('ignored mail is shown with its reasons, and a jump of its share is a warning', async () => {
    const list = { From: 'news@brand.example', To: service.inboxAddress, 'List-Id': '<news.brand.example>' }
    const ignored = await service.deliver(mail(list, freshWords()), { to: service.inboxAddress })
    expect(ignored).toMatchObject({ status: 'ignored', reason: 'mailing-list' })
    expect((await doctor('ignored mail')).line).toMatch(
      /^✓ ignored mail: 1 of \d+ mails in the last day \(mailing-list 1\); no mail in the week before$/,
    )

    // A week of 60 mails without one like it, then a day with 25 of them.
    const copy = (count: number, age: string, status: string, reason: string) =>
      service.sql(
        `insert into inbound_emails (idempotency_key, ingress, recipients, peer, size, status, reason, received_at)
         select sha256(convert_to($2 || n, 'UTF8')), 'smtp', '{}', '{}', 1, $3::inbound_status, $4,
           now() - $2::interval
         from generate_series(1, $1) n`,
        [count, age, status, reason],
      )
    await copy(60, '3 days', 'delivered', 'new-conversation')
    await copy(9, '2 hours', 'delivered', 'thread')
    expect((await doctor('ignored mail')).line).toMatch(/^✓ ignored mail: 1 of \d+ .*; 0 % in the week before$/)
    await copy(25, '1 hour', 'ignored', 'mail-loop')
    expect((await doctor('ignored mail')).line).toMatch(
      /^! ignored mail: 26 of \d+ mails in the last day \(mail-loop 25, mailing-list 1\); 0 % in the week before\. /,
    )
    await service.sql(`delete from inbound_emails where reason in ('mail-loop', 'thread')`)
  })

  test(
    'outgoing mail that cannot be sent is a warning with its age and last error, and a fault ' + 'after an hour',
    async () => {
      await service.api('POST', '/api/v1/accounts/1/conversations/1/messages', { content: freshWords() })
      await until(
        'the first attempt',
        async () => (await service.sql('select 1 from work where last_error is not null'))[0],
      )
      const young = await doctor('outgoing')
      expect(young.line).toMatch(
        /^! outgoing: 1 waiting, 1 tried in vain, the oldest \d+ s old, last error: .*ECONNREFUSED/,
      )
      await service.sql(`update work set created_at = now() - interval '3 hours' where last_error is not null`)
      const old = await doctor('outgoing')
      expect(old.line).toMatch(/^✗ outgoing: .*the oldest 3 h old/)
      expect(old.status).toBe(1)
      expect((await doctor('way out')).line).toMatch(/^✗ way out: 127\.0\.0\.1:9: .*ECONNREFUSED/)
    },
    40_000,
  )

  test('a failing webhook receiver is a warning with its age and last error, and a fault after an hour', async () => {
    const made = await service.api('POST', '/api/v1/accounts/1/webhooks', {
      url: 'http://127.0.0.1:9/hook',
      subscriptions: ['message_created'],
    })
    expect(made.status).toBe(200)
    await service.api('POST', '/api/v1/accounts/1/conversations/1/messages', { content: 'x', private: true })
    await until(
      'the first failure',
      async () => (await service.sql('select 1 from webhook_subscribers where failing_since is not null'))[0],
    )
    expect((await doctor('webhooks')).line).toMatch(
      /^! webhooks: .*1 receivers failing; http:\/\/127\.0\.0\.1:9\/hook fails for \d+ s, last error: \S+/,
    )
    await service.sql(`update webhook_subscribers set failing_since = now() - interval '2 days'`)
    expect((await doctor('webhooks')).line).toMatch(/^✗ webhooks: .*fails for 2 days/)
  }, 40_000)

  test('an account without an agent who can answer or be mailed is a warning', async () => {
    expect((await doctor('sender authentication')).line).toMatch(
      /^✓ sender authentication: Rethread checks the senders of mail that comes straight from the internet/,
    )
    expect((await doctor('agents')).line).toMatch(/^! agents: no agent has an address that can receive mail/)
  })

  test('an inbox at a former domain is a warning with the command that changes it', async () => {
    await service.sql(
      `insert into reply_domains (domain, expires_at) values ('old.localhost', now() + interval '9 days')`,
    )
    await service.sql(`update channels set email = 'support@old.localhost' where id = 1`)
    expect((await doctor('inbox addresses')).line).toBe(
      '! inbox addresses: inbox Support still has support@old.localhost, at a former domain; customers see ' +
        'it: rethread inbox set 1 1 --email support@reply.localhost',
    )
    expect((await doctor('domains')).line).toMatch(/^✓ domains: .*former domains are accepted: old\.localhost until \d/)
  })
})

describe('doctor without a service', () => {
  test('checks settings, database, folders and ports, and exits with 69', async () => {
    const folder = await createDataDir()
    await writeFile(join(folder.path, 'admin-token'), 'token', { mode: 0o600 })
    await writeFile(join(folder.path, 'secret-key'), 'key')
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { status, stdout } = await runProgram(process.execPath, [program, 'doctor'], {
      cwd: folder.path,
      env: {
        DATA_DIR: folder.path,
        PORT: '9',
        SMTP_PORT: String(portOf(taken)),
        LMTP_PORT: 'off',
        DATABASE_URL: 'postgres://x@127.0.0.1:9/none',
      },
    })
    taken.close()
    await folder.remove()
    expect(status).toBe(69)
    expect(line(stdout, 'service')).toMatch(/^✗ service: no service answers at http:\/\/127\.0\.0\.1:9/)
    expect(line(stdout, 'settings')).toMatch(/^✓/)
    expect(line(stdout, 'database')).toMatch(
      /^✗ database: Cannot connect to PostgreSQL 127\.0\.0\.1:9\/none: .*ECONNREFUSED/,
    )
    expect(line(stdout, 'DATA_DIR')).toMatch(/^✓ .*can be read and written/)
    expect(line(stdout, 'secret key')).toMatch(/^! .*can be read by others: chmod 600/)
    expect(line(stdout, 'SMTP_PORT')).toMatch(/^✗ .*is in use by another program/)
    expect(stdout).not.toContain('LMTP_PORT')
  })

  test('names every setting that is wrong, with 78', async () => {
    const { status, stderr } = await runProgram(process.execPath, [program, 'doctor'], { env: { PORT: 'x' } })
    expect(status).toBe(78)
    expect(stderr).toContain('PORT')
  })
})
