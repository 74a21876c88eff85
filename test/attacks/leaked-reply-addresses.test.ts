// A reply address is a secret of the mail that carries it: an agent's lets its holder try to speak as the agent, a
// contact's gets their words into the conversation. Nothing else shows one: no API, event, webhook, log, metric,
// notice or command, whatever form mail clients give it. Only the raw mail is whole.

import { afterAll, beforeAll, expect, test } from 'vitest'

import { maskSecrets } from '../../src/log.ts'
import { addNoticedAgent, type NotifiedAgent } from '../support/agents.ts'
import { describeOnEitherDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshWords, mail } from '../support/mail.ts'
import { makeNewAddress } from '../support/new-address.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { until } from '../support/until.ts'

const relay = 'mx.relay.example'
const masked = 'reply+…@reply.localhost'

describeOnEitherDatabase('reply addresses', (member) => {
  const service = useService({
    on: member,
    env: { AUTHSERV_ID: relay, SAFE_URL_ALLOW: '127.0.0.1', LOG_LEVEL: 'debug' },
  })
  let hooks: Receiver
  let ann: NotifiedAgent
  let tokens: string[]
  let newAddress: string

  beforeAll(async () => {
    hooks = await startReceiver()
    await service.api('POST', '/api/v1/accounts/1/webhooks', {
      url: `${hooks.origin}/hook`,
      subscriptions: ['message_created', 'message_updated', 'conversation_created', 'conversation_updated'],
    })
    ann = await addNoticedAgent(service)
    newAddress = await makeNewAddress(service, service.token)
    tokens = [ann.place.replyAddress, ann.agentAddress, ann.place.bounceAddress, newAddress].map(tokenOf)
  })
  afterAll(async () => {
    await hooks.stop()
  })

  const tokenOf = (address: string): string => /[0-9a-f]{32}/.exec(address)?.[0] ?? 'no token'
  const secrets = () =>
    tokens.flatMap((token) => [token, token.toUpperCase(), `${token.slice(0, 16)}<wbr>${token.slice(16)}`])
  const expectNone = (text: string) => {
    expect(secrets().filter((secret) => text.includes(secret))).toEqual([])
  }
  const path = (rest: string) => `/api/v1/accounts/1/conversations/${String(ann.place.displayId)}${rest}`

  test("in a customer's mail are masked in the API, in webhooks, in the notice and in the database", async () => {
    const { place, agentAddress, agent } = ann
    const words = freshWords()
    const token = tokenOf(place.replyAddress)
    const html =
      `<p>${words}</p><blockquote>reply&#43;${token}@reply.localhost ` +
      `reply+${token.slice(0, 16)}<wbr>${token.slice(16)}@reply.localhost ` +
      `mailto:reply%2B${token}%40reply.localhost new&#43;${tokenOf(newAddress)}@reply.localhost</blockquote>`
    const raw = mail(
      {
        From: place.email,
        To: `Support <${place.replyAddress}>, other@example.org`,
        Cc: [place.replyAddress.toUpperCase(), agentAddress, newAddress].join(', '),
        Bcc: place.bounceAddress,
        'X-Forwarded-For': `a@example.org ${place.replyAddress}`,
        Subject: `Re: ${place.replyAddress}`,
        'MIME-Version': '1.0',
        'Content-Type': 'multipart/alternative; boundary="b"',
      },
      `--b\r\nContent-Type: text/plain\r\n\r\n${words} by ${place.replyAddress}\r\n\r\n> from ` +
        `${agentAddress}\r\n--b\r\nContent-Type: text/html\r\n\r\n${html}\r\n--b--`,
    )
    const email = await service.deliver(raw, { to: place.replyAddress })
    expect(email).toMatchObject({ status: 'delivered', reason: 'reply-address' })
    const message = (await service.messages(place.displayId)).find(({ id }) => id === email.message_db_id)
    expect(message?.content).toContain(`${words} by ${masked}`)
    expect(message?.content_attributes.email.to).toEqual([masked, 'other@example.org'])
    expect(message?.content_attributes.cc_email).toEqual([masked, masked, 'new+…@reply.localhost'])
    expectNone(JSON.stringify([message, email]))
    for (const answer of [
      await service.api('GET', path('')),
      await service.api('GET', '/api/v1/accounts/1/inbound_emails'),
      await service.api('GET', '/api/v1/accounts/1/search?q=words'),
    ])
      expectNone(answer.bytes.toString('utf8'))
    const notice = await until('the notice', async () =>
      (await service.outbox()).find(({ recipients, text }) => recipients.includes(agent) && text.includes(words)),
    )
    const [, body = ''] = notice.text.split(/\r\n\r\n(.*)/s)
    expectNone(body)
    await until('the webhook', () => (hooks.posted.some(({ text }) => text.includes(words)) ? true : null))
    expectNone(hooks.posted.map(({ text }) => text).join('\n'))
    // The raw mail is whole, and mail to the address still arrives.
    expect(
      Buffer.compare((await service.api('GET', `/api/v1/inbound_emails/${String(email.id)}/raw`)).bytes, raw),
    ).toBe(0)
    const stored = await service.sql<{ text: string }>(
      `
        select row_to_json(m)::text || row_to_json(c)::text as text
        from messages m
        join conversations c on c.id = m.conversation_id
        where c.id = $1
      `,
      [place.id],
    )
    expectNone(stored.map(({ text }) => text).join('\n'))
  })

  test('in mail stored before masking existed are masked when it is read', async () => {
    const { place } = ann
    const address = place.replyAddress
    await service.sql(
      `
        insert into messages (
          account_id,
          inbox_id,
          conversation_id,
          message_type,
          content_type,
          content,
          content_attributes,
          sender_type,
          sender_id
        )
        select
          account_id,
          inbox_id,
          id,
          'incoming',
          'incoming_email',
          $2,
          jsonb_build_object(
            'email',
            jsonb_build_object(
              'to',
              jsonb_build_array($2::text),
              'text_content',
              jsonb_build_object('full', $2::text),
              'html_content',
              '{}'::jsonb
            ),
            'cc_email',
            jsonb_build_array($2::text)
          ),
          'contact',
          contact_id
        from conversations
        where id = $1
      `,
      [place.id, address],
    )
    expectNone((await service.api('GET', path('/messages'))).bytes.toString('utf8'))
    expectNone((await service.api('GET', path(''))).bytes.toString('utf8'))
  })

  test('are masked in the trace, explain, replay and commands; routing uses the full address', async () => {
    const { place } = ann
    const raw = mail({ From: place.email, To: place.replyAddress }, freshWords())
    const explained = await service.explain(raw, { to: place.replyAddress })
    expect(explained.body).toMatchObject({ status: 'delivered', reason: 'reply-address' })
    const email = await service.deliver(raw, { to: place.replyAddress })
    const replayed = await service.api('POST', `/api/v1/inbound_emails/${String(email.id)}/replay`)
    const shown = await service.command(['inbound', 'show', String(email.id)])
    const unknown = await service.deliver(raw, {
      to: place.replyAddress.replace(/(?<=\+)./, (digit) => (digit === '0' ? '1' : '0')),
    })
    expect(JSON.stringify(email.trace)).toContain(masked)
    expect(shown.stdout).toContain(masked)
    expectNone(
      [explained.bytes, replayed.bytes].map(String).join('\n') + shown.stdout + JSON.stringify([email, unknown]),
    )
  })

  test('a search does not reveal the digits of an address', async () => {
    const count = async (query: string) =>
      Number((await service.api('GET', `/api/v1/inbound_emails?q=${encodeURIComponent(query)}`)).body.meta.count)
    expect(await count('reply+…@reply.localhost')).toBeGreaterThan(0)
    expect(await count(ann.place.replyAddress)).toBeGreaterThan(0)
    expect(await count(`reply+${tokenOf(ann.place.replyAddress).slice(0, 5)}`)).toBe(0)
  })

  test('log lines and metrics show none, and no key of a visitor', async () => {
    const { place } = ann
    await service
      .smtp({
        from: 'x@example.net',
        to: place.replyAddress.replace('localhost', 'elsewhere.example'),
        raw: mail({ From: 'x@example.net' }),
      })
      .catch(() => undefined)
    await until('the refusal', () => (service.log().some(({ event }) => event === 'rejected') ? true : null))
    expectNone(JSON.stringify(service.log()))
    expectNone(await (await fetch(`${service.url}/metrics`)).text())
  })

  test('a visitor’s key and a one-time code in a path are masked', () => {
    const line = '{"path":"/public/api/v1/inboxes/abc/contacts/0123-key/conversations","other":"/confirm/a-code"}'
    expect(maskSecrets(line)).toBe(
      '{"path":"/public/api/v1/inboxes/abc/contacts/…/conversations","other":"/confirm/…"}',
    )
  })

  test('an answer to all, with the masked address among its recipients, goes to those who can be written to', async () => {
    const words = freshWords()
    await service.api('POST', path('/messages'), {
      content: words,
      to_emails: [masked, ann.place.email],
      cc_emails: [masked, 'other@example.org'],
    })
    const sent = await until('the mail', async () => (await service.outbox()).find(({ text }) => text.includes(words)))
    expect([...sent.recipients].sort()).toEqual([ann.place.email, 'other@example.org'].sort())
  })
})
