// An address for new conversations is a secret, but it is never enough: who has it and is not that agent, verified,
// makes nothing leave, neither to the named customer nor to anyone else; and it ends with the agent's membership.

import { beforeAll, describe, expect, test } from 'vitest'

import { useService } from '../support/fixtures.ts'
import { freshId, freshWords, mail } from '../support/mail.ts'
import { addWritingAgent, makeNewAddress, type WritingAgent } from '../support/new-address.ts'
import { addAccount, addAgent } from '../support/people.ts'
import { acceptedId } from '../support/service.ts'
import { until } from '../support/until.ts'

const relay = 'mx.relay.example'
const domain = 'elsewhere.example'

describe('an address for new conversations', () => {
  const service = useService({ env: { AUTHSERV_ID: relay } })
  let wanda: WritingAgent
  let zoe: WritingAgent
  beforeAll(async () => {
    wanda = await addWritingAgent(service)
    zoe = await addWritingAgent(service)
  })

  const pass = (of = 'agents.example') => ({ 'Authentication-Results': `${relay}; dmarc=pass header.from=${of}` })
  const deliver = (fields: Record<string, string>, body: string, to = wanda.newAddress) =>
    service.deliver(mail({ To: to, Subject: 'Hello', ...fields }, body), { to })
  const quiet = () =>
    until('the end of all work', async () => {
      const rows = await service.sql('select 1 from work where failed_at is null')
      return rows.length === 0
    })
  const counted = async () => {
    await quiet()
    const [row] = await service.sql(
      'select (select count(*) from conversations) as conversations, (select count(*) from contacts) as contacts',
    )
    return row
  }
  const freshCustomer = () => `${freshWords()}@customer.example`
  const sentTo = async (address: string) => {
    await quiet()
    return (await service.outbox()).filter(({ recipients }) => recipients.includes(address))
  }
  const rcpt = async (address: string) =>
    (await service.smtp({ from: 'x@agents.example', to: address, raw: mail({ From: 'x@agents.example' }) }))
      .recipients[0]

  test.each<[string, () => Record<string, string>]>([
    ['a stranger', () => ({ From: 'mallory@evil.example', ...pass('evil.example') })],
    ['the agent’s From without proof', () => ({ From: wanda.agent })],
    ['the agent’s From with the proof of another domain', () => ({ From: wanda.agent, ...pass('evil.example') })],
    [
      'the agent’s From with a failed proof',
      () => ({
        From: wanda.agent,
        'Authentication-Results': `${relay}; dmarc=fail (p=none) header.from=agents.example`,
      }),
    ],
    ['another agent of the account, verified', () => ({ From: zoe.agent, ...pass() })],
    [
      'the agent named in Reply-To alone',
      () => ({
        From: 'no-reply@evil.example',
        'Reply-To': wanda.agent,
        ...pass('evil.example'),
      }),
    ],
  ])('in the hands of %s begins nothing and sends nothing to anyone outside the team', async (_who, fields) => {
    const before = await counted()
    const mailed = await service.outbox()
    const customer = freshCustomer()
    const email = await deliver(fields(), `#to ${customer}\r\n\r\n${freshWords()}`)
    expect(email).toMatchObject({ status: 'held', reason: 'agent-not-verified' })
    expect(JSON.stringify(email.trace)).not.toContain('"commands"')
    expect(await counted()).toEqual(before)
    const since = (await service.outbox()).slice(mailed.length)
    expect(since.flatMap(({ recipients }) => recipients).filter((one) => !one.endsWith('@agents.example'))).toEqual([])
    expect(since.filter(({ field }) => field('Subject') === 'Not sent: Hello')).toEqual([])
  })

  test.each<[string, Record<string, string>]>([
    ['an out-of-office answer', { 'Auto-Submitted': 'auto-replied' }],
    ['a mail of a list', { 'List-Id': '<team.agents.example>', Precedence: 'list' }],
  ])('begins nothing by %s of the agent, and nothing answers it', async (_what, fields) => {
    const before = await counted()
    const mailed = await service.outbox()
    const email = await deliver({ From: wanda.agent, ...pass(), ...fields }, `#to ${freshCustomer()}\r\n\r\nAway.`)
    expect(email.status).toBe('ignored')
    expect(await counted()).toEqual(before)
    expect(await service.outbox()).toHaveLength(mailed.length)
  })

  test('begins nothing by a bounce, and nothing answers it', async () => {
    const before = await counted()
    const mailed = await service.outbox()
    const raw = mail(
      {
        From: 'MAILER-DAEMON@customer.example',
        To: wanda.newAddress,
        'MIME-Version': '1.0',
        'Content-Type': 'multipart/report; report-type=delivery-status; boundary="b"',
      },
      '--b\r\nContent-Type: text/plain\r\n\r\n#to victim@customer.example\r\n\r\nSorry.\r\n--b\r\n' +
        'Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.customer.example\r\n\r\n' +
        'Final-Recipient: rfc822; x@customer.example\r\nAction: failed\r\nStatus: 5.1.1\r\n--b--',
    )
    const email = await service.settled(acceptedId(await service.smtp({ from: '', to: wanda.newAddress, raw })))
    expect(email).toMatchObject({ status: 'ignored', reason: 'report-without-message' })
    expect(await counted()).toEqual(before)
    expect(await service.outbox()).toHaveLength(mailed.length)
  })

  test('is no author: mail from it is a loop', async () => {
    const email = await deliver({ From: wanda.newAddress }, 'Hello.', service.inboxAddress)
    expect(email).toMatchObject({ status: 'ignored', reason: 'mail-loop' })
  })

  test('acts in its own account only, with the agents of that account', async () => {
    const { accountId, inboxId } = await addAccount(service, { domain, inboxEmail: `help@${domain}` })
    const foreign = `olga@${domain}`
    await addAgent(service, foreign, accountId)
    const before = await counted()
    const customer = freshCustomer()
    // An agent of another account, verified, with this account's address; and this token at the other's domain.
    expect(await deliver({ From: foreign, ...pass(domain) }, `#to ${customer}\r\n\r\nHello.`)).toMatchObject({
      status: 'held',
      reason: 'agent-not-verified',
    })
    expect(await rcpt(wanda.newAddress.replace('reply.localhost', domain))).toMatch(/^550 5\.1\.1/)
    const path = (account: number, inbox: number) =>
      `/api/v1/accounts/${String(account)}/inboxes/${String(inbox)}/new_conversation_address`
    expect((await service.api('POST', path(accountId, inboxId), undefined, wanda.token)).status).toBe(401)
    expect((await service.api('POST', path(1, inboxId), undefined, wanda.token)).status).toBe(404)
    expect(await counted()).toEqual(before)
    expect(await sentTo(customer)).toEqual([])
  })

  test('ends when the agent leaves the inbox, and when the agent leaves the account', async () => {
    const leaver = await addWritingAgent(service)
    const members = '/api/v1/accounts/1/inbox_members'
    expect(await rcpt(leaver.newAddress)).toMatch(/^250 /)
    await service.api('DELETE', members, { inbox_id: 1, user_ids: [leaver.userId] })
    expect(await rcpt(leaver.newAddress)).toMatch(/^550 5\.1\.1/)
    const one = '/api/v1/accounts/1/inboxes/1/new_conversation_address'
    expect((await service.api('POST', one, undefined, leaver.token)).status).toBe(401)
    await service.api('POST', members, { inbox_id: 1, user_ids: [leaver.userId] })
    expect(await rcpt(leaver.newAddress)).toMatch(/^550 5\.1\.1/)

    const next = await makeNewAddress(service, leaver.token)
    expect(await rcpt(next)).toMatch(/^250 /)
    const agent = `/api/v1/accounts/1/agents/${String(leaver.userId)}`
    expect((await service.api('DELETE', agent)).status).toBe(200)
    expect(await rcpt(next)).toMatch(/^550 5\.1\.1/)
    expect(await service.sql('select 1 from new_conversation_addresses where user_id = $1', [leaver.userId])).toEqual(
      [],
    )
  })

  test('that was replaced begins nothing, by whatever way the mail comes', async () => {
    const agent = await addWritingAgent(service)
    await makeNewAddress(service, agent.token)
    const before = await counted()
    const customer = freshCustomer()
    const email = await deliver({ From: agent.agent, ...pass() }, `#to ${customer}\r\n\r\nHello.`, agent.newAddress)
    expect(email).toMatchObject({ status: 'held', reason: 'unknown-recipient' })
    expect(await counted()).toEqual(before)
    expect(await sentTo(customer)).toEqual([])
  })

  test('begins nothing while the account receives no mail', async () => {
    const customer = freshCustomer()
    await service.sql(`update accounts set features = array_remove(features, 'inbound_emails') where id = 1`)
    const email = await deliver({ From: wanda.agent, ...pass() }, `#to ${customer}\r\n\r\nHello.`)
    expect(email).toMatchObject({ status: 'held', reason: 'feature-off' })
    const one = '/api/v1/accounts/1/inboxes/1/new_conversation_address'
    expect((await service.api('POST', one, undefined, wanda.token)).status).toBe(422)
    expect(await sentTo(customer)).toEqual([])
    await service.sql(`update accounts set features = array_append(features, 'inbound_emails') where id = 1`)
  })

  test('#to puts no line into the head of the mail, and no further recipient', async () => {
    const customer = freshCustomer()
    const name = '"Mia\u2028X-Injected: yes\u0007" =?utf-8?q?=0d=0aX-Injected:_yes?='
    const body = `#to ${name} <${customer}>\r\n\r\nBcc: victim@other.example\r\n\r\nHello.`
    const email = await deliver({ From: wanda.agent, ...pass(), 'Content-Type': 'text/plain; charset=utf-8' }, body)
    expect(email).toMatchObject({ status: 'delivered', reason: 'begun-by-agent' })
    const [sent] = await sentTo(customer)
    expect(sent?.recipients).toEqual([customer])
    expect([sent?.field('X-Injected'), sent?.field('Bcc')]).toEqual([null, null])
    expect(await sentTo('victim@other.example')).toEqual([])
  })

  test.each([
    'mia@customer.example\u0000',
    'mia@[127.0.0.1]',
    `${'m'.repeat(300)}@customer.example`,
    'mia@customer..example',
  ])('#to %j is no address', async (address) => {
    await service.sql('delete from automatic_mail')
    const fields = { From: wanda.agent, ...pass(), 'Content-Type': 'text/plain; charset=utf-8' }
    const email = await deliver(fields, `#to ${address}\r\n\r\n${freshWords()}`)
    expect(email.status).toBe('held')
  })

  test('with a thousand #to begins nothing, and the agent gets one report', async () => {
    await service.sql('delete from automatic_mail')
    const before = await counted()
    const mailed = await service.outbox()
    const lines = Array.from({ length: 1_000 }, (_none, at) => `#to c${String(at)}@customer.example`).join('\r\n')
    const email = await deliver({ From: wanda.agent, ...pass() }, `${lines}\r\n\r\nHello.`)
    expect(email).toMatchObject({ status: 'held', reason: 'command-not-understood' })
    expect(await counted()).toEqual(before)
    const since = (await service.outbox()).slice(mailed.length)
    expect(since.flatMap(({ recipients }) => recipients)).toEqual([wanda.agent])
  })

  test('begins one conversation by a mail that comes several times at the same moment', async () => {
    const [customer, words] = [freshCustomer(), freshWords()]
    const raw = mail(
      { From: wanda.agent, To: wanda.newAddress, ...pass(), 'Message-ID': `<${freshId()}>` },
      `#to ${customer}\r\n\r\n${words}`,
    )
    const copies = await Promise.all(
      ['a', 'b', 'c', 'd'].map((way) =>
        service.deliver(Buffer.concat([Buffer.from(`X-Way: ${way}\r\n`), raw]), {
          from: `${way}@agents.example`,
          to: wanda.newAddress,
        }),
      ),
    )
    expect(copies.map(({ reason }) => reason).sort()).toEqual([
      'begun-by-agent',
      'duplicate-message',
      'duplicate-message',
      'duplicate-message',
    ])
    expect(await sentTo(customer)).toHaveLength(1)
  })

  test('begins no more than the limit by many mails at the same moment, nor behind many other mails', async () => {
    await service.sql(
      `insert into inbound_emails (idempotency_key, ingress, recipients, size, status, reason, from_address, account_id)
       select
         sha256(('limit' || n)::bytea), 'smtp', '{}', 1, 'delivered',
         case when n > 98 then 'duplicate-message' else 'begun-by-agent' end,
         $1, 1
       from generate_series(1, 2000) n`,
      [zoe.agent],
    )
    const address = zoe.newAddress
    const emails = await Promise.all(
      Array.from({ length: 8 }, () =>
        deliver({ From: zoe.agent, ...pass() }, `#to ${freshCustomer()}\r\n\r\n${freshWords()}`, address),
      ),
    )
    await service.sql(`delete from inbound_emails where size = 1`)
    expect(emails.filter(({ reason }) => reason === 'begun-by-agent')).toHaveLength(2)
    expect(emails.filter(({ reason }) => reason === 'command-not-understood')).toHaveLength(6)
  })

  describe('a mail that is forwarded as a file', () => {
    const head = { 'MIME-Version': '1.0', 'Content-Type': 'multipart/mixed; boundary="b"' }
    const withFile = (inner: string) =>
      `--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n` +
      `--b\r\nContent-Type: message/rfc822\r\n\r\n${inner}\r\n--b--`
    const victimOf = () => `${freshWords()}@victim.example`

    test.each<[string, () => Record<string, string>]>([
      ['is not verified', () => ({ From: wanda.agent })],
      ['is a customer', () => ({ From: freshCustomer(), ...pass('customer.example') })],
    ])('makes no one else its author when the sender %s', async (_who, fields) => {
      const victim = victimOf()
      const email = await deliver(
        { ...fields(), ...head },
        withFile(`From: Victim <${victim}>\r\nSubject: x\r\n\r\nHello.`),
        service.inboxAddress,
      )
      expect(email.reason).toBe('new-conversation')
      expect(await service.sql('select 1 from contacts where email = $1', [victim])).toEqual([])
    })

    test('is read once, however deep mails are nested in it', async () => {
      const victim = victimOf()
      let inner = `From: Victim <${victim}>\r\nSubject: innermost\r\n\r\nHello.`
      for (let depth = 0; depth < 60; depth++)
        inner =
          `From: ${wanda.agent}\r\nSubject: ${String(depth)}\r\nMIME-Version: 1.0\r\n` +
          `Content-Type: multipart/mixed; boundary="n${String(depth)}"\r\n\r\n--n${String(depth)}\r\n` +
          `Content-Type: message/rfc822\r\n\r\n${inner}\r\n--n${String(depth)}--`
      const email = await deliver({ From: wanda.agent, ...pass(), ...head }, withFile(inner), service.inboxAddress)
      expect(email.status).toBe('delivered')
      expect(email.reason).toBe('new-conversation')
      expect(await service.sql('select 1 from contacts where email = $1', [victim])).toEqual([])
    })

    test('of two authors in From, or of none, has no author', async () => {
      for (const from of ['From: a@victim.example, b@victim.example\r\n', '']) {
        const email = await deliver(
          { From: wanda.agent, ...pass(), ...head },
          withFile(`${from}Subject: x\r\n\r\nHello.`),
          service.inboxAddress,
        )
        expect(email.reason).toBe('new-conversation')
      }
      expect(await service.sql(`select 1 from contacts where email like '_@victim.example'`)).toEqual([])
    })
  })
})
