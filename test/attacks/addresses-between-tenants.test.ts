// A tenant names an address that is not theirs, the installation's or another company's, to receive or send that
// company's mail.

import { beforeAll, describe, expect, test } from 'vitest'

import { describeWithDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshWords, mail } from '../support/mail.ts'
import { until } from '../support/until.ts'

describeWithDatabase('an address between tenants', () => {
  const service = useService()
  let evil: { account: number; token: string }
  let good: { account: number; token: string }
  const inboxes = (account: number) => `/api/v1/accounts/${String(account)}/inboxes`

  const call = async (method: string, path: string, body?: object, token?: string): Promise<any> => {
    const answer = await service.api(method, path, body, token)
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${String(answer.status)} ${answer.bytes.toString()}`)
    return answer.body
  }
  /** An account with an administrator who does not administer the installation. */
  const tenant = async (name: string, domain?: string) => {
    const account = Number((await call('POST', '/api/v1/installation/accounts', { name })).id)
    await service.command(['account', 'enable-feature', String(account), 'inbound_emails'])
    if (domain !== undefined) await service.command(['account', 'set', String(account), '--domain', domain])
    const user = await call('POST', '/api/v1/installation/users', { name, email: `${name}@people.example` })
    const role = 'administrator'
    await call('POST', `/api/v1/installation/accounts/${String(account)}/account_users`, { user_id: user.id, role })
    return { account, token: String(user.access_token) }
  }
  const makeInbox = (who: { account: number; token: string }, email: string) =>
    service.api('POST', inboxes(who.account), { name: 'Mine', channel: { type: 'email', email } }, who.token)
  const codeTo = async (address: string, count = 1): Promise<string> =>
    until(`code ${String(count)} for ${address}`, async () => {
      const sent = (await service.outbox()).filter(({ recipients }) => recipients.includes(address))
      const codes = sent.flatMap(({ text }) => /^([A-Z2-9]{4}(?:-[A-Z2-9]{4}){2})\s*$/m.exec(text)?.[1] ?? [])
      return codes.length >= count ? codes.at(-1) : null
    })

  beforeAll(async () => {
    evil = await tenant('evil')
    good = await tenant('good', 'good.example')
  })

  describe('that the installation uses cannot be claimed by an account', () => {
    const names = ['notifications', 'postmaster', 'abuse', 'mailer-daemon', 'no-reply', 'noreply', 'reply', 'bounce']
    test.each([...names, 'new', 'canary', 'Notifications', 'POSTMASTER+x', 'reply+abc', `reply+${'a'.repeat(32)}`])(
      '%s',
      async (name) => {
        expect((await makeInbox(evil, `${name}@reply.localhost`)).status).toBe(422)
        expect((await makeInbox(good, `${name}@good.example`)).status).toBe(422)
        const settings = { support_email: `Help <${name}@reply.localhost>` }
        const at = `/api/v1/accounts/${String(evil.account)}`
        expect((await service.api('PATCH', at, settings, evil.token)).status).toBe(422)
      },
    )

    test('is refused even when an administrator of the installation asks; a company keeps its own abuse@', async () => {
      expect((await makeInbox({ ...evil, token: service.token }, 'postmaster@reply.localhost')).status).toBe(422)
      expect((await makeInbox(evil, 'abuse@evil-company.example')).status).toBe(200)
    })
  })

  test('at a domain that the account does not own receives nothing before its code is entered', async () => {
    const address = 'support@victim-company.example'
    const { body: inbox } = await makeInbox(evil, address)
    expect(inbox).toMatchObject({ email: address, address_confirmed: false })
    const raw = mail({ From: 'jane@customer.example', To: address }, freshWords())
    const refused = await service.smtp({ from: 'jane@customer.example', to: [address], raw })
    expect(refused.recipients[0]).toMatch(/^550 /)
    for (const options of [{}, { to: address }]) {
      const held = await service.deliver(raw, options)
      expect(held).toMatchObject({ status: 'held', reason: 'unknown-recipient', account_id: null })
      const look = `/api/v1/accounts/${String(evil.account)}/inbound_emails/${String(held.id)}`
      expect((await service.api('GET', look, undefined, evil.token)).status).toBe(404)
    }
    const code = await codeTo(address)
    const at = `${inboxes(evil.account)}/${String(inbox.id)}`
    await call('POST', `${at}/confirm_address`, { code: code.toLowerCase().replaceAll('-', '') }, evil.token)
    const email = await service.deliver(mail({ From: 'jane@customer.example', To: address }, freshWords()), {
      to: address,
    })
    expect(email).toMatchObject({ status: 'delivered', reason: 'new-conversation', account_id: evil.account })
  })

  test('cannot be used as a sender before its code is entered', async () => {
    const address = 'ceo@victim-company.example'
    const { body: inbox } = await makeInbox(evil, address)
    const at = `/api/v1/accounts/${String(evil.account)}`
    const contact = { name: 'V', email: 'target@customer.example', inbox_id: inbox.id }
    const { payload } = await call('POST', `${at}/contacts`, contact, evil.token)
    const [words, place] = [freshWords(), { inbox_id: inbox.id, contact_id: payload.contact.id }]
    const conversation = await call('POST', `${at}/conversations`, place, evil.token)
    await call('POST', `${at}/conversations/${String(conversation.id)}/messages`, { content: words }, evil.token)
    const sent = await until('the mail', async () =>
      (await service.outbox()).find(({ text, recipients }) => text.includes(words) && recipients[0] !== address),
    )
    expect(sent.text).not.toContain(address)
  })

  test('allows five guesses for each code, and five codes for each mailbox and day', async () => {
    const address = 'guessed@victim-company.example'
    const { body: inbox } = await makeInbox(evil, address)
    const at = `${inboxes(evil.account)}/${String(inbox.id)}`
    const guess = (code: string) => service.api('POST', `${at}/confirm_address`, { code }, evil.token)
    const code = await codeTo(address)
    const wrong = await Promise.all(Array.from({ length: 12 }, () => guess('AAAA-AAAA-AAAA')))
    expect(wrong.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 422))
    expect(wrong.filter(({ body }) => body.message === 'Code is wrong')).toHaveLength(5)
    expect((await guess(code)).status).toBe(422)
    const again = () => service.api('POST', `${at}/address_code`, undefined, evil.token)
    expect((await again()).status).toBe(200)
    expect((await guess(await codeTo(address, 2))).status).toBe(200)
    await makeInbox(evil, 'GUESSED+1@victim-company.example')
    await makeInbox(evil, 'guessed+2@victim-company.example')
    const last = await makeInbox(evil, 'guessed+3@victim-company.example')
    const more = `${inboxes(evil.account)}/${String(last.body.id)}/address_code`
    expect((await service.api('POST', more, undefined, evil.token)).status).toBe(422)
  })

  test('that was only named stays free, and belongs to the inbox whose account confirms it', async () => {
    const address = 'help@contested.example'
    const { body: squatter } = await makeInbox(evil, address)
    const code = await codeTo(address)
    const { body: owner } = await makeInbox({ ...good, token: service.token }, address)
    expect(owner).toMatchObject({ email: address })
    expect(owner.address_confirmed).toBeUndefined()
    const at = `${inboxes(evil.account)}/${String(squatter.id)}/confirm_address`
    expect((await service.api('POST', at, { code }, evil.token)).status).toBe(422)
    expect((await makeInbox(evil, address)).status).toBe(422)
    expect((await makeInbox(evil, address.toUpperCase())).status).toBe(422)
  })

  test('is checked on update as on creation', async () => {
    const { body: inbox } = await makeInbox(good, 'own@good.example')
    expect(inbox.address_confirmed).toBeUndefined()
    const at = `${inboxes(good.account)}/${String(inbox.id)}`
    const moved = await call('PATCH', at, { channel: { email: 'sales@victim-company.example' } }, good.token)
    expect(moved).toMatchObject({ email: 'sales@victim-company.example', address_confirmed: false })
    const reserved = { channel: { email: 'notifications@good.example' } }
    expect((await service.api('PATCH', at, reserved, good.token)).status).toBe(422)
    const back = await call('PATCH', at, { channel: { email: 'own@good.example' } }, good.token)
    expect(back.address_confirmed).toBeUndefined()
  })

  test('at the domain of another account, or a user’s own, is refused', async () => {
    expect((await makeInbox(evil, 'support@good.example')).status).toBe(422)
    expect((await makeInbox(evil, 'good@people.example')).status).toBe(422)
    expect((await makeInbox(evil, 'GOOD+tag@people.example')).status).toBe(422)
    expect((await makeInbox(evil, 'nobody@people.example')).status).toBe(200)
    const at = `/api/v1/accounts/${String(evil.account)}`
    expect((await service.api('PATCH', at, { support_email: 'ceo@good.example' }, evil.token)).status).toBe(422)
  })

  test('only an administrator of the installation sets a domain, and never one that is in use', async () => {
    const at = `/api/v1/accounts/${String(evil.account)}`
    expect((await service.api('PATCH', at, { domain: 'victim-company.example' }, evil.token)).status).toBe(422)
    await makeInbox({ ...good, token: service.token }, 'desk@used.example')
    const set = (domain: string) =>
      service.api('PATCH', `/api/v1/installation/accounts/${String(evil.account)}`, { domain })
    for (const domain of ['used.example', 'good.example', 'reply.localhost', 'people.example'])
      expect([domain, (await set(domain)).status]).toEqual([domain, 422])
    expect((await set('free.example')).status).toBe(200)
    expect((await set('')).status).toBe(200)
  })

  test('beside one of another account, without an envelope, the mail is held and neither account sees it', async () => {
    const [one, two] = ['desk@one.example', 'desk@two.example']
    await makeInbox({ ...good, token: service.token }, one)
    await makeInbox({ ...evil, token: service.token }, two)
    const fields = { From: 'jane@customer.example' }
    for (const named of [{ To: `${one}, ${two}` }, { To: two, Cc: one }, { 'Delivered-To': [two, one], To: one }]) {
      const held = await service.deliver(mail({ ...fields, ...named }, freshWords()))
      expect(held).toMatchObject({ status: 'held', reason: 'several-accounts', account_id: null })
    }
    const surer = await service.deliver(mail({ ...fields, 'Delivered-To': one, To: two }, freshWords()))
    expect(surer).toMatchObject({ status: 'delivered', account_id: good.account })
    const enveloped = await service.deliver(mail({ ...fields, To: `${one}, ${two}` }, freshWords()), { to: one })
    expect(enveloped).toMatchObject({ status: 'delivered', account_id: good.account })
  })
})
