// Every provider over real HTTP: each file of fixtures/ingress that is not the relay's; and the table of what each
// outcome is answered.

import { createHmac } from 'node:crypto'
import { readdirSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { providers } from '../../../src/ingress/providers.ts'
import { createHttpStage, credentials, playHttpFixture, readHttpFixture } from './http-support.ts'

const folder = new URL('../../../fixtures/ingress/', import.meta.url).pathname
const fixtures = readdirSync(folder)
  .filter((file) => file.endsWith('.http') && !file.startsWith('relay'))
  .sort()
  .map((file) => readHttpFixture(`${folder}${file}`))

describe('requests of fixtures/ingress', () => {
  it.each(fixtures.map((fixture) => [fixture.title, fixture.file, fixture] as const))(
    '%s (%s)',
    async (_title, _file, fixture) => {
      await playHttpFixture(fixture)
    },
  )

  it.each(providers.map(({ service }) => service))(
    '%s has at least one accepted, one without credentials, and one malformed',
    (service) => {
      const its = fixtures.filter(({ file }) => file.startsWith(`${service}-`) || file === `${service}.http`)
      expect(its.length).toBeGreaterThanOrEqual(3)
      const answered = (status: number) =>
        its.filter(({ sections }) => sections['answer']?.split('\n')[0] === String(status))
      expect(
        answered(200).filter(({ mails, notices }) => mails.length + notices.length > 0).length,
      ).toBeGreaterThanOrEqual(1)
      expect([...answered(401), ...answered(403)].length).toBeGreaterThanOrEqual(1)
    },
  )
})

it.each(providers.map(({ service, endings = [] }) => ({ service, endings })))(
  '$service that is off answers 404 under every path, before any check',
  async ({ service, endings }) => {
    const stage = await createHttpStage({
      RAILS_INBOUND_EMAIL_SERVICE: providers
        .map((provider) => provider.service)
        .filter((name) => name !== service)
        .join(','),
    })
    for (const path of [`/ingress/${service}`, `/rails/action_mailbox/${service}/inbound_emails`].flatMap((family) =>
      ['', ...endings].map((ending) => `${family}${ending}`),
    )) {
      for (const method of ['POST', 'GET', 'HEAD']) {
        const response = await fetch(`http://127.0.0.1:${String(stage.port)}${path}`, {
          method,
          headers: { authorization: credentials },
        })
        expect([path, method, response.status]).toEqual([path, method, 404])
        await response.arrayBuffer()
      }
    }
    await stage.close()
  },
)

it('a batch of 1,000 mails of Mandrill is 1,000 mails, and its repetition adds none', async () => {
  const stage = await createHttpStage({
    RAILS_INBOUND_EMAIL_SERVICE: 'mandrill',
    MANDRILL_INGRESS_API_KEY: 'k',
    PUBLIC_URL: 'https://m.example',
  })
  const events = JSON.stringify(
    Array.from({ length: 1_000 }, (_, index) => ({
      event: 'inbound',
      msg: { raw_msg: `Subject: ${String(index)}\n\n`, email: 'a@reply.example' },
    })),
  )
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-mandrill-signature': createHmac('sha1', 'k')
      .update(`https://m.example/ingress/mandrillmandrill_events${events}`)
      .digest('base64'),
  }
  const post = async () =>
    (await (
      await fetch(`http://127.0.0.1:${String(stage.port)}/ingress/mandrill`, {
        method: 'POST',
        headers,
        body: `mandrill_events=${encodeURIComponent(events)}`,
      })
    ).json()) as { ids: number[]; duplicate: boolean }
  expect(await post()).toEqual({ ids: Array.from({ length: 1_000 }, (_, index) => index + 1), duplicate: false })
  expect((await post()).duplicate).toBe(true)
  expect(stage.door.submissions).toHaveLength(1_000)
  await stage.close()
})

it("Mandrill's unsigned request is accepted if it is empty, and is not read if it is long", async () => {
  const stage = await createHttpStage({ RAILS_INBOUND_EMAIL_SERVICE: 'mandrill', MANDRILL_INGRESS_API_KEY: 'k' })
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const answers: number[] = []
  for (const events of ['[]', `[${' '.repeat(100_000)}]`]) {
    const response = await fetch(`http://127.0.0.1:${String(stage.port)}/ingress/mandrill`, {
      method: 'POST',
      headers,
      body: `mandrill_events=${encodeURIComponent(events)}`,
    })
    answers.push(response.status)
    await response.arrayBuffer()
  }
  await stage.close()
  expect(answers).toEqual([200, 401])
})

it("Resend's secret that is empty after decoding accepts no request", async () => {
  const stage = await createHttpStage({
    RAILS_INBOUND_EMAIL_SERVICE: 'resend',
    RESEND_INGRESS_SIGNING_SECRET: 'whsec_',
    RESEND_INGRESS_API_KEY: 'k',
  })
  const [body, timestamp] = [
    '{"type":"email.received","data":{"email_id":"e1","to":["a@reply.example"]}}',
    String(Math.floor(Date.now() / 1000)),
  ]
  const signature = `v1,${createHmac('sha256', '').update(`i.${timestamp}.${body}`).digest('base64')}`
  const headers = {
    'content-type': 'application/json',
    'svix-id': 'i',
    'svix-timestamp': timestamp,
    'svix-signature': signature,
  }
  const response = await fetch(`http://127.0.0.1:${String(stage.port)}/ingress/resend`, {
    method: 'POST',
    headers,
    body,
  })
  await response.arrayBuffer()
  await stage.close()
  expect([response.status, stage.notices]).toEqual([503, []])
})

it.each(providers.filter(({ basic }) => basic).map(({ service, answers }) => ({ service, answers })))(
  '$service without a configured password accepts no mail and makes it retry',
  async ({ service, answers }) => {
    const stage = await createHttpStage({ RAILS_INBOUND_EMAIL_SERVICE: service }, null)
    const response = await fetch(`http://127.0.0.1:${String(stage.port)}/ingress/${service}`, {
      method: 'POST',
      headers: { authorization: credentials },
      body: '{}',
    })
    await response.arrayBuffer()
    await stage.close()
    expect(response.status).toBe(answers.misconfigured)
    expect(stage.door.submissions).toEqual([])
    expect(stage.lines).toMatchObject([{ level: 'error', event: 'ingress-misconfigured' }])
    expect(stage.news).toEqual([[service, expect.stringMatching(/^misconfigured: RAILS_INBOUND_EMAIL_PASSWORD/)]])
  },
)
