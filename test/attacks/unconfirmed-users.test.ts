// A person claims an address, or has it invited: nothing of an account reaches them, and no one speaks in its name,
// before the link that was mailed to that address is opened.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { describeWithDatabase } from '../support/database.ts'
import { linkTo, openLink } from '../support/links.ts'
import { freshWords, mail } from '../support/mail.ts'
import { addCorrespondence } from '../support/people.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'

const authserv = 'mx.reply.example'

describeWithDatabase('an unconfirmed address', () => {
  let service: Awaited<ReturnType<typeof startService>>
  let ada: { id: number; token: string }
  let mallory: { id: number; token: string }

  const call = async (method: string, path: string, body?: object, token?: string): Promise<any> => {
    const answer = await service.api(method, path, body, token)
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${String(answer.status)} ${answer.bytes.toString()}`)
    return answer.body
  }
  const statusOf = async (method: string, path: string, token: string, body?: object) =>
    (await service.api(method, path, body, token)).status
  let count = 0
  const fresh = (name: string) => `${name}${String(++count)}@people.example`
  /** A user created by an administrator of the installation, in a new account by default. */
  const person = async (name: string, role: string, account: number) => {
    const made = await call('POST', '/api/v1/installation/users', { name, email: fresh(name) })
    await call('POST', `/api/v1/installation/accounts/${String(account)}/account_users`, { user_id: made.id, role })
    return { id: Number(made.id), token: String(made.access_token), email: String(made.email) }
  }
  const tokenOf = async (id: number): Promise<string> =>
    (await call('POST', `/api/v1/installation/users/${String(id)}/reset_access_token`)).access_token
  const agents = async (): Promise<any[]> => call('GET', '/api/v1/accounts/1/agents', undefined, ada.token)
  const invite = (email: string, token = ada.token) =>
    call('POST', '/api/v1/accounts/1/agents', { email, name: 'Invited', role: 'administrator' }, token)

  beforeAll(async () => {
    service = await startService({ env: { AUTHSERV_ID: authserv } })
    ada = await person('ada', 'administrator', 1)
    const evil = await call('POST', '/api/v1/installation/accounts', { name: 'Evil' })
    mallory = await person('mallory', 'administrator', Number(evil.id))
  })
  afterAll(() => service[Symbol.asyncDispose]())

  test('does not count for the user who set it in the profile, and gives no access by an invitation', async () => {
    const boss = fresh('boss')
    const before = await call('GET', '/api/v1/profile', undefined, mallory.token)
    const after = await call('PUT', '/api/v1/profile', { profile: { email: boss } }, mallory.token)
    expect([after.email, after.unconfirmed_email]).toEqual([before.email, boss])
    const invited = await invite(boss)
    expect(invited).toMatchObject({ email: boss, confirmed: false })
    expect(invited.id).not.toBe(mallory.id)
    expect(await statusOf('GET', '/api/v1/accounts/1', mallory.token)).toBe(401)
  })

  test('counts after its link was confirmed: opening the page changes nothing, its button works once', async () => {
    const [boss, { token }] = [fresh('boss'), await person('bea', 'agent', 1)]
    await call('PUT', '/api/v1/profile', { email: boss }, token)
    const url = await linkTo(service, boss)
    for (const method of ['GET', 'HEAD', 'GET']) {
      const page = await fetch(url, { method })
      expect([page.status, page.headers.get('cache-control'), page.headers.get('referrer-policy')]).toEqual([
        200,
        'no-store',
        'no-referrer',
      ])
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    }
    expect((await call('GET', '/api/v1/profile', undefined, token)).email).not.toBe(boss)
    const opened = await Promise.all([openLink(url), openLink(url), openLink(url)])
    expect(opened.sort()).toEqual([200, 404, 404])
    expect(await call('GET', '/api/v1/profile', undefined, token)).toMatchObject({ email: boss, confirmed: true })
    expect((await fetch(url)).status).toBe(404)
  })

  test('has one valid link, the newest, and none after it was withdrawn', async () => {
    const [one, two, { token, email }] = [fresh('one'), fresh('two'), await person('cleo', 'agent', 1)]
    await call('PUT', '/api/v1/profile', { email: one }, token)
    const first = await linkTo(service, one)
    await call('PUT', '/api/v1/profile', { email: two }, token)
    const second = await linkTo(service, two)
    expect(await openLink(first)).toBe(404)
    await call('PUT', '/api/v1/profile', { email }, token)
    expect(await openLink(second)).toBe(404)
    expect((await call('GET', '/api/v1/profile', undefined, token)).email).toBe(email)
  })

  test(
    'of an invited user is listed and can be assigned, but neither signs in nor receives mail of ' + 'the account',
    async () => {
      const boss = fresh('boss')
      const invited = await invite(boss)
      expect(await agents()).toContainEqual(expect.objectContaining({ id: invited.id, confirmed: false }))
      const token = await tokenOf(invited.id)
      expect(await statusOf('GET', '/api/v1/profile', token)).toBe(401)
      const place = await addCorrespondence(service, fresh('customer'))
      const at = `/api/v1/accounts/1/conversations/${String(place.displayId)}`
      await call('POST', `${at}/assignments`, { assignee_id: invited.id }, ada.token)
      const control = await person('carl', 'administrator', 1)
      await call('POST', `${at}/participants`, { user_ids: [control.id] }, ada.token)
      const words = freshWords()
      await service.deliver(mail({ From: place.email, To: place.replyAddress }, words), { to: place.replyAddress })
      const findMails = async () => (await service.outbox()).filter(({ text }) => text.includes(words))
      await until('the notice of who is confirmed', async () =>
        (await findMails()).find(({ recipients }) => recipients.includes(control.email)),
      )
      expect((await findMails()).flatMap(({ recipients }) => recipients)).not.toContain(boss)

      expect(await openLink(await linkTo(service, boss))).toBe(200)
      expect((await agents()).find(({ id }) => id === invited.id)).toMatchObject({ confirmed: true })
      expect(await statusOf('GET', '/api/v1/accounts/1', token)).toBe(200)
      const more = freshWords()
      await service.deliver(mail({ From: place.email, To: place.replyAddress }, more), { to: place.replyAddress })
      await until('the notice after the confirmation', async () =>
        (await service.outbox()).find(({ text, recipients }) => text.includes(more) && recipients.includes(boss)),
      )
    },
  )

  test('cannot write as an agent', async () => {
    const boss = fresh('boss')
    await invite(boss)
    const place = await addCorrespondence(service, fresh('customer'))
    const say = () =>
      service.deliver(mail({ From: boss, To: place.replyAddress }, freshWords()), { to: place.replyAddress })
    expect((await say()).reason).toBe('reply-address-other-sender')
    await openLink(await linkTo(service, boss))
    expect((await say()).reason).toBe('agent-with-customer-token')
  })

  test("of an existing user needs that user's acceptance", async () => {
    const other = await call('POST', '/api/v1/installation/accounts', { name: 'Other' })
    const eve = await person('eve', 'agent', Number(other.id))
    expect(await invite(eve.email)).toMatchObject({ id: eve.id, confirmed: false })
    expect(await statusOf('GET', '/api/v1/accounts/1', eve.token)).toBe(401)
    expect(await statusOf('PATCH', `/api/v1/accounts/1/agents/${String(eve.id)}`, ada.token, { name: 'Mine' })).toBe(
      422,
    )
    expect(await openLink(await linkTo(service, eve.email))).toBe(200)
    expect(await statusOf('GET', '/api/v1/accounts/1', eve.token)).toBe(200)
  })

  test('gives no access after the invited user was removed or changed the address', async () => {
    const [gone, eve] = [fresh('gone'), await person('eva', 'agent', 1)]
    const invited = await invite(gone)
    const url = await linkTo(service, gone)
    await service.api('DELETE', `/api/v1/accounts/1/agents/${String(invited.id)}`, undefined, ada.token)
    expect(await openLink(url)).toBe(404)
    expect((await agents()).map(({ id }) => id)).not.toContain(invited.id)
    await service.api('DELETE', `/api/v1/accounts/1/agents/${String(eve.id)}`, undefined, ada.token)
    await invite(eve.email)
    const old = await linkTo(service, eve.email)
    await call('PUT', `/api/v1/installation/users/${String(eve.id)}`, { email: fresh('moved') })
    expect(await openLink(old)).toBe(404)
    expect(await statusOf('GET', '/api/v1/accounts/1', eve.token)).toBe(401)
  })

  test('that belongs to a user passes the invitation to that user, without a membership', async () => {
    const boss = fresh('boss')
    const invited = await invite(boss)
    const invitation = await linkTo(service, boss)
    const bea = await person('bella', 'agent', 1)
    await service.api('DELETE', `/api/v1/accounts/1/agents/${String(bea.id)}`, undefined, ada.token)
    await call('PUT', '/api/v1/profile', { email: boss }, bea.token)
    expect(await openLink(await linkTo(service, boss, 2))).toBe(200)
    expect((await agents()).find(({ email }) => email === boss)).toMatchObject({ id: bea.id, confirmed: false })
    expect((await agents()).map(({ id }) => id)).not.toContain(invited.id)
    expect(await statusOf('GET', '/api/v1/accounts/1', bea.token)).toBe(401)
    expect(await openLink(invitation)).toBe(200)
    expect(await statusOf('GET', '/api/v1/accounts/1', bea.token)).toBe(200)
  })

  test('does not count as an administrator: the last confirmed one cannot be removed', async () => {
    const small = await call('POST', '/api/v1/installation/accounts', { name: 'Small' })
    const own = await person('olga', 'administrator', Number(small.id))
    const at = `/api/v1/accounts/${String(small.id)}/agents`
    await call('POST', at, { email: fresh('boss'), role: 'administrator' }, own.token)
    const root = (await call('GET', '/api/v1/profile')) as { id: number }
    expect(await statusOf('DELETE', `${at}/${String(root.id)}`, own.token)).toBe(200)
    expect(await statusOf('DELETE', `${at}/${String(own.id)}`, own.token)).toBe(422)
  })

  describe("that receives inbound mail cannot be a user's", () => {
    test.each([
      ['an inbox’s', () => service.inboxAddress],
      ['an inbox’s with a tag, in capitals', () => service.inboxAddress.toUpperCase().replace('@', '+x@')],
      ['one at the installation’s reply domain', () => 'agent@reply.localhost'],
    ])('%s', async (_, address) => {
      const email = address()
      const { token } = await person('iris', 'agent', 1)
      expect(await statusOf('PUT', '/api/v1/profile', token, { email })).toBe(422)
      expect(await statusOf('POST', '/api/v1/accounts/1/agents', ada.token, { email })).toBe(422)
      expect(await statusOf('POST', '/api/v1/accounts/1/agents/bulk_create', ada.token, { emails: [email] })).toBe(422)
      expect(await statusOf('POST', '/api/v1/installation/users', service.token, { email })).toBe(422)
    })
  })

  test('receives five links a day at most, over all accounts and users', async () => {
    const victim = fresh('victim')
    const ask = async (n: number) => {
      const { token } = await person('nora', 'agent', 1)
      const email = victim.replace('@', `+${String(n)}@`)
      return n % 2 === 0
        ? statusOf('PUT', '/api/v1/profile', token, { email })
        : statusOf('POST', '/api/v1/accounts/1/agents', ada.token, { email })
    }
    const statuses = await Promise.all(Array.from({ length: 12 }, (_, n) => ask(n)))
    expect(statuses.filter((status) => status === 200)).toHaveLength(5)
  })

  test('guesses at links are limited by address', async () => {
    await using slow = await startService({ env: { RATE_LIMIT_STRANGER: '5' } })
    const statuses: number[] = []
    for (let guess = 0; guess < 7; guess++) statuses.push(await openLink(`${slow.url}/confirm/${'x'.repeat(43)}`))
    expect(statuses).toEqual([404, 404, 404, 404, 404, 429, 429])
  })

  test('that an administrator of the installation sets is confirmed at once', async () => {
    const email = fresh('root')
    expect(await call('POST', '/api/v1/accounts/1/agents', { email })).toMatchObject({ email, confirmed: true })
    const { id } = (await agents()).find((agent) => agent.email === email) as { id: number }
    expect(await statusOf('GET', '/api/v1/accounts/1', await tokenOf(id))).toBe(200)
  })
})
