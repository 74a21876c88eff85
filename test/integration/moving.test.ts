// From the embedded database to a server, and there from one process to two, by the commands of
// docs/operate/postgresql.md. What was there is there: conversations, octets, reply addresses already out in the
// world, tokens, and work that had not been done.

import { copyFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { createEmptyDatabase, type TestDatabase } from '../support/database.ts'
import { freshWords, mail } from '../support/mail.ts'
import { createDataDir, runProgram, type Service, startProcess } from '../support/service.ts'
import { until } from '../support/until.ts'

const jane = 'jane@example.com'
const program = new URL('../../dist/main.js', import.meta.url).pathname
const { server } = inject('servers')

/** A port without a listener. */
async function closedPort(): Promise<number> {
  const listener = createServer()
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as AddressInfo
  await new Promise((resolve) => listener.close(resolve))
  return port
}

const copyTo = (url: string, dataDir: string) =>
  runProgram(process.execPath, [program, 'database', 'copy', '--to', url], { env: { DATA_DIR: dataDir }, cwd: dataDir })

/** What an installation shows of itself. */
async function look(service: Service) {
  const get = async (path: string) => (await service.api('GET', path)).body as { payload: { id: number }[] }
  const { payload: emails } = await get('/api/v1/inbound_emails')
  const raws = await Promise.all(
    emails.map(async ({ id }) =>
      (await service.api('GET', `/api/v1/inbound_emails/${String(id)}/raw`)).bytes.toString('latin1'),
    ),
  )
  return {
    emails,
    raws,
    traces: await Promise.all(emails.map(async ({ id }) => service.show(id))),
    messages: await get('/api/v1/accounts/1/conversations/1/messages').then(({ payload }) =>
      payload.map((message) => ({ ...message, status: '' })),
    ),
    contacts: await get('/api/v1/accounts/1/contacts'),
    profile: await get('/api/v1/profile'),
  }
}

describe.skipIf(server === null)('an installation on the embedded database', () => {
  let folder: Awaited<ReturnType<typeof createDataDir>>
  let database: TestDatabase
  beforeAll(async () => {
    folder = await createDataDir()
    database = await createEmptyDatabase({ name: 'server', url: server ?? '' })
  })
  afterAll(async () => {
    await database.drop()
    await folder.remove()
  })

  test('moves to a server with all its data, and is shared by a second process there', async () => {
    // On the embedded database; the way out is closed, so that an answer waits.
    const embedded = await startProcess({
      DATA_DIR: folder.path,
      OUTBOUND_SMTP_URL: `smtp://127.0.0.1:${String(await closedPort())}`,
    })
    const { replyAddress, token } = embedded
    const reply = mail(
      {
        From: jane,
        To: replyAddress,
        'MIME-Version': '1.0',
        'Content-Type': 'application/octet-stream',
        'Content-Transfer-Encoding': 'base64',
      },
      Buffer.from('\0\xff octets', 'latin1').toString('base64'),
    )
    const replied = await embedded.deliver(reply, { from: jane, to: replyAddress })
    expect(replied).toMatchObject({ status: 'delivered', conversation_id: 1 })
    expect(
      await embedded.deliver(mail({ From: jane }, freshWords()), { from: jane, to: 'nobody@reply.localhost' }),
    ).toMatchObject({ status: 'held' })
    const answer = freshWords()
    expect(
      (await embedded.api('POST', '/api/v1/accounts/1/conversations/1/messages', { content: answer })).status,
    ).toBe(200)
    const waiting = (service: Service) =>
      service.sql<{ kind: string; key: string; payload: unknown }>('select kind, key, payload from work order by id')
    await until(
      'the answer that waits',
      async () => (await embedded.sql('select from work where last_error is not null')).length > 0,
    )
    const [before, work] = [await look(embedded), await waiting(embedded)]
    expect(work.length).toBeGreaterThan(0)

    const tooEarly = await copyTo(database.url, folder.path)
    expect(tooEarly).toMatchObject({
      status: 78,
      stderr: expect.stringMatching(
        /^rethread database: The service is running\. Stop it, then run the copy again\./,
      ) as string,
    })
    expect(await embedded.stop()).toMatchObject({ status: 0 })
    const moved = await copyTo(database.url, folder.path)
    expect(moved).toMatchObject({ status: 0, stderr: '' })
    expect(moved.stdout).toMatch(/^inbound_emails +2$/m)

    // On the server, with the same DATA_DIR. The answer waits a little longer, so that it is seen to wait.
    await database.pool.query(`update work set run_at = now() + interval '1 hour'`)
    const first = await startProcess({ DATA_DIR: folder.path, DATABASE_URL: database.url })
    await using stopped = {
      second: null as Service | null,
      async [Symbol.asyncDispose]() {
        await Promise.all([first.kill(), this.second?.kill()])
      },
    }
    expect(first.token).toBe(token)
    expect(await look(first)).toEqual(before)
    expect(await waiting(first)).toEqual(work)
    await first.sql('update work set run_at = now()')
    const left = await until('the answer that waited', async () =>
      (await first.outbox()).find(({ text }) => text.includes(answer)),
    )
    expect(left.recipients).toEqual([jane])

    // Addresses that are out in the world, one known before and one that left now; and a mail that comes a second time.
    expect(await first.relay(reply, { from: jane, to: replyAddress })).toMatchObject({ status: 204, id: replied.id })
    for (const address of [replyAddress, left.address('Reply-To')]) {
      const words = freshWords()
      const email = await first.deliver(mail({ From: jane, To: address }, words), { from: jane, to: address })
      expect(email).toMatchObject({ status: 'delivered', conversation_id: 1 })
      expect(email.id).toBeGreaterThan(Math.max(...before.emails.map(({ id }) => id)))
      expect((await first.messages(1)).filter(({ content }) => content === words)).toHaveLength(1)
    }

    // A second process beside it, elsewhere: it gets only three files of the first one's DATA_DIR.
    const elsewhere = await createDataDir()
    try {
      for (const name of ['secret-key', 'ingress-password', 'admin-token'])
        await copyFile(join(folder.path, name), join(elsewhere.path, name))
      const second = (stopped.second = await startProcess({ DATA_DIR: elsewhere.path, DATABASE_URL: database.url }))
      const both = [first, second]
      const words = Array.from({ length: 40 }, freshWords)
      const ids = await Promise.all(
        words.map(
          async (text, i) =>
            (await both[i % 2]!.relay(mail({ From: jane, To: replyAddress }, text), { from: jane, to: replyAddress }))
              .id,
        ),
      )
      for (const id of ids) expect(await second.settled(id)).toMatchObject({ status: 'delivered', conversation_id: 1 })
      expect(await second.sql('select content from messages where content = any($1)', [words])).toHaveLength(
        words.length,
      )
      // Either goes on without the other.
      expect(await first.stop()).toMatchObject({ status: 0 })
      expect(
        await second.deliver(mail({ From: jane, To: replyAddress }, freshWords()), { from: jane, to: replyAddress }),
      ).toMatchObject({ status: 'delivered', conversation_id: 1 })
      expect(await second.balance()).toMatchObject({ unaccounted: 0, pending: 0, processing: 0 })
      await second.kill()
    } finally {
      await elsewhere.remove()
    }
  }, 180_000)

  test('is not copied over an existing one, nor from an unrelated folder', async () => {
    expect(await copyTo(database.url, folder.path)).toMatchObject({
      status: 78,
      stderr: expect.stringMatching(
        /^rethread database: the target is not empty \(\d+ tables? holds? rows\)/,
      ) as string,
    })
    const unused = await createDataDir()
    try {
      expect(await copyTo(database.url, unused.path)).toMatchObject({
        status: 78,
        stderr: expect.stringMatching(/has never been used/) as string,
      })
    } finally {
      await unused.remove()
    }
  }, 120_000)
})

test.each([
  { args: [], says: /^rethread database needs one of: copy\.\nSee: rethread database --help/ },
  { args: ['copy'], says: /^Usage: rethread database copy --to / },
  { args: ['copy', '--to', 'mysql://server/name'], says: /^Usage: rethread database copy --to / },
  { args: ['drop', '--to', 'postgres://server/name'], says: /^There is no command "database drop"; known: copy\./ },
])('rethread database $args ends with status 64 and its usage', async ({ args, says }) => {
  expect(await runProgram(process.execPath, [program, 'database', ...args])).toMatchObject({
    status: 64,
    stderr: expect.stringMatching(says) as string,
  })
})
