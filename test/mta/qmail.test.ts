// The line that docs/install/mail-in/qmail.md gives for qmail, under a double of qmail-local, against a running
// service. What the command itself answers to each fault is in test/unit/cli/relay.test.ts; here it is what becomes
// of the mail.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { createTestDatabase, describeWithDatabase, type TestDatabase } from '../support/database.ts'
import { freshWords, mail } from '../support/mail.ts'
import { createDataDir, relayScript, type Service, startProcess } from '../support/service.ts'
import { until } from '../support/until.ts'
import { blockOf, readBlocks } from './documented.ts'
import { runQmailLocal } from './qmail-local.ts'

const jane = 'jane@example.com'

describeWithDatabase('qmail', () => {
  let database: TestDatabase
  let folder: Awaited<ReturnType<typeof createDataDir>>
  let service: Service
  let replyAddress: string
  let dotQmail: string
  let virtualDomain: string
  const env = () => ({
    DATA_DIR: folder.path,
    DATABASE_URL: database.url,
    INBOUND_EMAIL_DOMAIN: 'reply.example.com',
    MAX_MESSAGE_BYTES: '100000',
  })

  beforeAll(async () => {
    database = await createTestDatabase()
    folder = await createDataDir()
    service = await startProcess(env())
    replyAddress = service.replyAddress
    const blocks = await readBlocks('qmail.md', '## Pipe')
    dotQmail = blockOf(blocks, '~alias/.qmail-reply-default').replace('/opt/rethread/bin/rethread-relay', relayScript)
    virtualDomain = blockOf(blocks, '/var/qmail/control/virtualdomains')
    await writeFile(join(folder.path, 'relay.env'), `URL=${service.url}\nINGRESS_PASSWORD=${service.password}\n`)
  })

  afterAll(async () => {
    await service?.kill()
    await database?.drop()
    await folder?.remove()
  })

  const deliver = (raw: Buffer, { sender = jane, before = '' } = {}) =>
    runQmailLocal({
      sender,
      recipient: replyAddress,
      raw,
      virtualDomain,
      dotQmail: `${before}${dotQmail}`,
      home: folder.path,
      environment: { PATH: process.env['PATH'] ?? '', RETHREAD_RELAY_ENV: join(folder.path, 'relay.env') },
    })

  const letter = (words: string, fields: Record<string, string> = {}) =>
    mail({ From: jane, To: 'undisclosed-recipients:;', ...fields }, words)
  const mailsWith = (words: string) =>
    service.sql<{ id: number; from: string; recipients: string[]; raw: Buffer }>(
      `
        select e.id, reverse_path as
        from, recipients, bytes as raw
        from inbound_emails e
        join raw_emails r on r.id = raw_id
        where position(convert_to($1, 'UTF8') in bytes) > 0
      `,
      [words],
    )
  const hasMessage = (words: string) =>
    until(
      'the message',
      async () => (await service.messages(1)).filter(({ content }) => content === words).length === 1,
    )

  test('a reply is delivered, with the bytes of stdin and the envelope of the environment', async () => {
    const words = freshWords()
    const raw = letter(words)
    expect(await deliver(raw)).toMatchObject({ outcome: 'delivered' })
    const [kept] = await mailsWith(words)
    expect(kept?.raw.equals(raw)).toBe(true)
    expect(kept).toMatchObject({ from: jane })
    expect(kept?.recipients).toContain(replyAddress)
    await hasMessage(words)
  })

  test('a bounce keeps its null reverse-path', async () => {
    const words = freshWords()
    expect(await deliver(letter(words, { From: 'mailer-daemon@example.com' }), { sender: '' })).toMatchObject({
      outcome: 'delivered',
    })
    expect(await mailsWith(words)).toMatchObject([{ from: '' }])
  })

  test('the mail is complete, whatever an earlier line has read of it', async () => {
    const words = freshWords()
    const raw = letter(words)
    const read = await deliver(raw, { before: '# a comment\n|head -c 20 >/dev/null\n' })
    expect(read).toMatchObject({ outcome: 'delivered' })
    expect((await mailsWith(words)).map((kept) => kept.raw.equals(raw))).toEqual([true])
  })

  test('the shell interprets nothing that a sender chooses', async () => {
    const words = freshWords()
    const sender = '$(exit 100)`exit 100`;exit 100 #@example.com'
    expect(await deliver(letter(words), { sender })).toMatchObject({ outcome: 'delivered' })
    expect(await mailsWith(words)).toHaveLength(1)
  })

  test('rejected mail is returned, with one line that gives the reason', async () => {
    const words = freshWords()
    expect(await deliver(letter(`${words}${'x'.repeat(100_000)}`))).toEqual({
      outcome: 'bounced',
      output: expect.stringMatching(/^5\.3\.4 .+\n$/) as string,
    })
    expect(await mailsWith(words)).toEqual([])
  })

  test('a fault or absence of Rethread keeps a mail in the queue; the next attempt delivers it, once', async () => {
    const words = freshWords()
    const raw = letter(words)
    await service.sql('alter table raw_emails rename to raw_emails_away')
    expect(await deliver(raw)).toEqual({ outcome: 'later', output: expect.stringMatching(/^4\.3\.0 .+\n$/) as string })
    await service.sql('alter table raw_emails_away rename to raw_emails')
    const { http } = service.ports
    await service.stop()
    expect(await deliver(raw)).toEqual({ outcome: 'later', output: expect.stringMatching(/^4\.4\.1 .+\n$/) as string })
    service = await startProcess({ ...env(), PORT: String(http) })
    expect(await deliver(raw)).toMatchObject({ outcome: 'delivered' })
    await hasMessage(words)
    expect(await mailsWith(words)).toHaveLength(1)
  })
})
