// Quotas: what a visitor, a network of strangers and an account may store in a day, whatever name the stranger gives
// itself and however often the service starts; mail that is beyond is deferred, never refused for good.

import { afterAll, beforeAll, expect, test } from 'vitest'

import { createTestDatabase, describeWithDatabase, type TestDatabase } from '../support/database.ts'
import { freshWords, mail } from '../support/mail.ts'
import { createDataDir, type Service, startProcess } from '../support/service.ts'
import { until } from '../support/until.ts'

const visitorQuota = 30_000
const networkQuota = 100_000
const accountQuota = 300_000

describeWithDatabase('quotas', () => {
  let database: TestDatabase
  let folder: Awaited<ReturnType<typeof createDataDir>>
  let service: Service
  let door = ''
  // Only the first start says it.
  let to = ''
  beforeAll(async () => {
    database = await createTestDatabase()
    folder = await createDataDir()
    service = await start()
    to = service.replyAddress
    const made = await service.api('POST', '/api/v1/accounts/1/inboxes', {
      name: 'Site',
      channel: { type: 'web_widget', website_url: 'https://shop.example' },
    })
    door = `/public/api/v1/inboxes/${String(made.body.website_token)}/contacts`
  }, 60_000)
  afterAll(async () => {
    await service.kill()
    await folder.remove()
    await database.drop()
  })

  const start = () =>
    startProcess({
      DATA_DIR: folder.path,
      DATABASE_URL: database.url,
      TRUSTED_RELAYS: '192.0.2.1',
      QUOTA_VISITOR_BYTES: String(visitorQuota),
      QUOTA_NETWORK_BYTES: String(networkQuota),
      QUOTA_ACCOUNT_BYTES: String(accountQuota),
    })
  // Some 20 KB each.
  const letter = (from: string) => ({
    from,
    to,
    raw: mail({ From: from, To: to }, `${freshWords()}\r\n${`${'x'.repeat(70)}\r\n`.repeat(280)}`),
  })
  const overSmtp = async (from: string) => (await service.smtp(letter(from))).data[0] ?? ''
  const overRelay = async (from: string) => {
    const { raw, ...envelope } = letter(from)
    return (await service.relay(raw, envelope)).status
  }

  async function ask(path: string, body: object): Promise<{ status: number; body: any }> {
    const answer = await fetch(`${service.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return { status: answer.status, body: await answer.json() }
  }
  async function newVisitor(): Promise<string> {
    const visitor = `${door}/${String((await ask(door, {})).body.source_id)}`
    return `${visitor}/conversations/${String((await ask(`${visitor}/conversations`, {})).body.id)}/messages`
  }

  test('a visitor stores up to the quota; other visitors are not affected', async () => {
    const content = 'x'.repeat(12_000)
    const [one, other] = [await newVisitor(), await newVisitor()]
    const statuses = [await ask(one, { content }), await ask(one, { content }), await ask(one, { content })]
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429])
    expect(statuses[2]?.body).toEqual({ error: 'The storage quota for today is used up, try again tomorrow' })
    expect((await ask(other, { content: 'short' })).status).toBe(200)
    // What was refused is not counted.
    expect((await ask(one, { content: 'short' })).status).toBe(200)
  })

  test('a network has one quota for SMTP and visitors together, whatever MAIL FROM says', async () => {
    const answers: string[] = []
    for (let n = 0; n < 6; n++) answers.push(await overSmtp(`stranger${String(n)}@domain${String(n)}.example`))
    const taken = answers.filter((answer) => answer.startsWith('250')).length
    // 24 KB of the visitors above, then mails of 20 KB.
    expect(taken).toBe(3)
    expect(answers.slice(taken).every((answer) => answer.startsWith('452 4.3.1 '))).toBe(true)
    expect((await ask(await newVisitor().catch(() => ''), { content: 'x'.repeat(20_000) })).status).toBe(429)
  })

  test('survive a restart', async () => {
    // Counted once a second; a stop writes the rest.
    await service.stop()
    service = await start()
    expect(await overSmtp('another@domain.example')).toMatch(/^452 4\.3\.1 /)
  })

  test("mail from a trusted relay counts for the account alone, and is deferred at the account's quota", async () => {
    expect(await overRelay('jane@example.com')).toBe(204)
    const status = await until(
      'the account full',
      async () => {
        const status = await overRelay('jane@example.com')
        return status === 204 ? null : status
      },
      40_000,
    )
    expect(status).toBe(429)
    const rows = await service.sql<{ bytes: number }>(`select bytes from stored_bytes where key = 'account:1'`)
    expect(rows[0]?.bytes).toBeGreaterThan(accountQuota * 0.9)
    // Another account, or none, is not held up: mail to an unknown address is held as before.
    const elsewhere = mail({ From: 'jane@example.com', To: 'nobody@elsewhere.example' }, freshWords())
    expect((await service.relay(elsewhere, { to: 'nobody@elsewhere.example' })).status).toBe(204)
  })

  test('doctor names the accounts and networks near a quota', async () => {
    const { stdout } = await service.command(['doctor'])
    const line = stdout.split('\n').find((one) => one.includes('quotas')) ?? ''
    expect(line).toMatch(/account 1 has used \d{3} % of QUOTA_ACCOUNT_BYTES/)
    expect(line).toMatch(/network 127\.0\.0\.0\/24 has used \d+ % of QUOTA_NETWORK_BYTES/)
  })
})
