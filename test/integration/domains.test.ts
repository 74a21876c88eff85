// A change of domain cuts no thread: addresses that were sent under a former domain of the installation or of an
// account, and former addresses of inboxes, are accepted until they expire or are removed; no other account can take
// them meanwhile.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createTestDatabase, describeOnEachDatabase, type TestDatabase } from '../support/database.ts'
import { freshWords, mail } from '../support/mail.ts'
import { addAccount, addAgent, addCorrespondence } from '../support/people.ts'
import { acceptedId, createDataDir, type Service, startProcess } from '../support/service.ts'

const at = (address: string, domain: string) => address.replace(/@.*$/, `@${domain}`)

describeOnEachDatabase('domains of reply addresses', (member) => {
  let database: TestDatabase
  const folders: Awaited<ReturnType<typeof createDataDir>>[] = []
  let old: Service
  let service: Service
  let first: Awaited<ReturnType<typeof addCorrespondence>>
  const start = async (env: Record<string, string>) => {
    const folder = await createDataDir()
    folders.push(folder)
    const token = 'one-token-for-both-processes'
    await writeFile(join(folder.path, 'admin-token'), token)
    await writeFile(join(folder.path, 'ingress-password'), 'secret')
    return startProcess({
      DATA_DIR: folder.path,
      DATABASE_URL: database.url,
      ADMIN_ACCESS_TOKEN: token,
      RAILS_INBOUND_EMAIL_PASSWORD: 'secret',
      SECRET_KEY_BASE: 'k'.repeat(64),
      ...env,
    })
  }
  beforeAll(async () => {
    database = await createTestDatabase(member)
    old = await start({})
    first = await addCorrespondence(old, 'joan@example.com')
    service = await start({ INBOUND_EMAIL_DOMAIN: 'reply.example.com', RUN_WORKER: 'false' })
  }, 60_000)
  afterAll(async () => {
    await Promise.all([old.kill(), service.kill()])
    await database.drop()
    await Promise.all(folders.map((folder) => folder.remove()))
  })

  const rcpt = async (on: Service, to: string): Promise<string> => {
    const raw = mail({ From: 'joan@example.com', To: to }, freshWords())
    const { recipients } = await on.smtp({ from: 'joan@example.com', to, raw })
    return recipients[0] ?? ''
  }
  const deliver = async (on: Service, to: string) => {
    const raw = mail({ From: 'joan@example.com', To: to }, freshWords())
    return on.settled(acceptedId(await on.smtp({ from: 'joan@example.com', to, raw })))
  }
  const domains = async () => (await service.api('GET', '/api/v1/accounts/1/reply_domains')).body
  const setDomain = (accountId: number, domain: string | null) =>
    service.api('PATCH', `/api/v1/installation/accounts/${String(accountId)}`, { domain })

  test('processes with different domains accept each other’s addresses, and no address that was never issued', async () => {
    expect(first.replyAddress).toMatch(/@reply\.localhost$/)
    expect(await deliver(service, first.replyAddress)).toMatchObject({ status: 'delivered', reason: 'reply-address' })
    expect(await deliver(old, at(first.replyAddress, 'reply.example.com'))).toMatchObject({ reason: 'reply-address' })
    expect(await rcpt(service, `reply+${'0'.repeat(32)}@reply.localhost`)).toMatch(/^550/)
    expect(await rcpt(service, at(first.replyAddress, 'reply.elsewhere.example'))).toMatch(/^550/)
  })

  test('an answer in a thread, a bounce and the inbox itself are found at a former domain', async () => {
    expect(await rcpt(service, first.bounceAddress)).toMatch(/^250/)
    expect(await rcpt(service, 'support@reply.localhost')).toMatch(/^250/)
    const raw = mail(
      {
        From: 'joan@example.com',
        To: `reply+${'0'.repeat(32)}@reply.localhost`,
        'In-Reply-To': `<${first.sent.field('Message-ID')?.slice(1, -1) ?? ''}>`,
      },
      freshWords(),
    )
    const email = await service.deliver(raw)
    expect(email).toMatchObject({ status: 'delivered', conversation_id: first.displayId })
  })

  test('the domains are listed with their use; one in use cannot be removed', async () => {
    const list = (await domains()).payload
    expect(list).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ domain: 'reply.example.com', account_id: null, state: 'current' }),
        expect.objectContaining({ domain: 'reply.localhost', account_id: null, state: 'former' }),
      ]),
    )
    const days = (Date.parse(list[0].accepted_until) - Date.now()) / 86_400_000
    expect(days).toBeGreaterThan(364)
    const current = await service.api('DELETE', '/api/v1/installation/reply_domains/reply.example.com')
    expect(current.status).toBe(422)
    expect(JSON.stringify(current.body)).toContain('reply.example.com is in use: only a former domain can be removed')
    expect((await service.api('DELETE', '/api/v1/installation/reply_domains/nope.example')).status).toBe(404)
    expect((await service.api('DELETE', '/api/v1/accounts/1/reply_domains/reply.localhost')).status).toBe(404)
  })

  describe('of an account', () => {
    let one: Awaited<ReturnType<typeof addCorrespondence>>
    let other: { accountId: number; inboxId: number }
    beforeAll(async () => {
      expect((await setDomain(1, 'reply.acme.example')).status).toBe(200)
      one = await addCorrespondence(old, 'kim@example.com')
      expect((await setDomain(1, 'mail.acme.example')).status).toBe(200)
      other = await addAccount(service, { domain: 'reply.other.example', inboxEmail: 'help@reply.other.example' })
    })

    test('an address under a former domain still reaches its conversation', async () => {
      expect(one.replyAddress).toMatch(/@reply\.acme\.example$/)
      expect(await deliver(service, one.replyAddress)).toMatchObject({ conversation_id: one.displayId })
      expect((await domains()).payload).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ domain: 'mail.acme.example', account_id: 1, state: 'current' }),
          expect.objectContaining({ domain: 'reply.acme.example', account_id: 1, state: 'former' }),
        ]),
      )
    })

    test('no other account can take it, and it cannot become a domain of the installation', async () => {
      const refused = await setDomain(other.accountId, 'reply.acme.example')
      expect(refused.status).toBe(422)
      expect(JSON.stringify(refused.body)).toContain('is a former domain of another account')
      await expect(
        service.sql(`update accounts set domain = 'reply.acme.example' where id = $1`, [other.accountId]),
      ).rejects.toThrow(/former domain of another account/)
      const shared = await setDomain(other.accountId, 'reply.localhost')
      expect(shared.status).toBe(422)
      expect(JSON.stringify(shared.body)).toContain('was a domain of the installation')
      const inbox = await service.api('POST', `/api/v1/accounts/${String(other.accountId)}/inboxes`, {
        name: 'Thief',
        channel: { type: 'email', email: 'thief@reply.acme.example' },
      })
      expect([401, 404, 422]).toContain(inbox.status)
    })

    test('the account itself can return to it', async () => {
      expect((await setDomain(1, 'reply.acme.example')).status).toBe(200)
      expect((await setDomain(1, 'mail.acme.example')).status).toBe(200)
      expect(await rcpt(service, one.replyAddress)).toMatch(/^250/)
    })

    test("two accounts that swap domains simultaneously cannot get each other's", async () => {
      await setDomain(1, 'reply.race.example')
      const [, took] = await Promise.all([
        setDomain(1, 'mail.acme.example'),
        setDomain(other.accountId, 'reply.race.example'),
      ])
      expect(took.status).toBe(422)
    })

    test(
      'an agent can neither list nor remove it; after removal its addresses are refused and it is ' + 'free',
      async () => {
        const agent = await addAgent(service, 'agent@agents.example')
        await service.sql(
          `insert into access_tokens (user_id, token_hash) values ($1, sha256(convert_to('agent-token', 'UTF8')))`,
          [agent],
        )
        const path = '/api/v1/accounts/1/reply_domains'
        expect((await service.api('GET', path, undefined, 'agent-token')).status).toBe(401)
        expect((await service.api('DELETE', `${path}/reply.acme.example`, undefined, 'agent-token')).status).toBe(401)
        expect((await service.api('DELETE', `${path}/reply.acme.example`)).status).toBe(200)
        expect(await rcpt(service, one.replyAddress)).toMatch(/^550/)
        expect(await rcpt(service, at(one.replyAddress, 'mail.acme.example'))).toMatch(/^250/)
        expect((await setDomain(other.accountId, 'reply.acme.example')).status).toBe(200)
        expect(await rcpt(service, one.replyAddress)).toMatch(/^550/)
      },
    )
  })

  test('the former address of an inbox is accepted; another account cannot have it, another inbox can', async () => {
    await setDomain(1, 'mail.acme.example')
    const create = (email: string) =>
      service.api('POST', '/api/v1/accounts/1/inboxes', { name: 'Team', channel: { type: 'email', email } })
    const made = await create('a@mail.acme.example')
    expect(made.body).toMatchObject({ email: 'a@mail.acme.example' })
    const inbox = made.body
    const path = `/api/v1/accounts/1/inboxes/${String(inbox.id)}`
    expect((await service.api('PATCH', path, { channel: { email: 'b@mail.acme.example' } })).status).toBe(200)
    for (const to of ['a@mail.acme.example', 'b@mail.acme.example', 'a+tag@mail.acme.example'])
      expect(await rcpt(service, to)).toMatch(/^250/)
    expect((await domains()).former_addresses).toMatchObject([{ email: 'a@mail.acme.example', inbox_id: inbox.id }])
    await expect(
      addAccount(service, { domain: 'reply.third.example', inboxEmail: 'a@mail.acme.example' }),
    ).rejects.toThrow(/former address of another account/)
    const next = await create('a@mail.acme.example')
    expect(next.status).toBe(200)
    const email = await deliver(service, 'a@mail.acme.example')
    const shown = await service.api('GET', `/api/v1/accounts/1/conversations/${String(email.conversation_id)}`)
    expect(shown.body.inbox_id).toBe(next.body.id)
    expect((await domains()).former_addresses).toEqual([])
    await service.api('PATCH', path, { channel: { email: 'c@mail.acme.example' } })
    expect(await rcpt(service, 'b@mail.acme.example')).toMatch(/^250/)
    expect((await service.api('DELETE', '/api/v1/accounts/1/former_addresses/b@mail.acme.example')).status).toBe(200)
    expect(await rcpt(service, 'b@mail.acme.example')).toMatch(/^550/)
    expect((await service.api('DELETE', '/api/v1/accounts/1/former_addresses/b@mail.acme.example')).status).toBe(404)
  })

  test('no account can take an inbox address at a former domain', async () => {
    const user = await service.api('POST', '/api/v1/installation/users', { name: 'Eve', email: 'eve@reply.localhost' })
    expect(user.status).toBe(422)
    expect(JSON.stringify(user.body)).toContain('is at a domain of reply addresses')
  })

  test('expired addresses are refused', async () => {
    await service.sql(`update reply_domains set expires_at = now() where domain = 'reply.localhost'`)
    expect(await rcpt(service, first.replyAddress)).toMatch(/^550/)
    expect(await rcpt(service, at(first.replyAddress, 'reply.example.com'))).toMatch(/^250/)
  })
})
