// integrations/cloudflare-worker.js against the real relay ingress, called as Cloudflare calls it.

import { afterEach, expect, test } from 'vitest'

import { type ErrorKind, MailError } from '../../../src/errors.ts'
import { createHttpStage, type HttpStage } from './http-support.ts'

interface Message {
  readonly from: string
  readonly to: string
  readonly raw: ReadableStream
  readonly setReject: (reason: string) => void
}
interface Worker {
  readonly email: (message: Message, env: { RELAY_URL: string; INGRESS_PASSWORD: string }) => Promise<void>
}

const script = new URL('../../../integrations/cloudflare-worker.js', import.meta.url).href
const { default: worker } = (await import(script)) as { default: Worker }

const stages: HttpStage[] = []
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.close()
})

const bytes = Buffer.from('From: jane@customer.example\r\n\r\nGr\xfc\xdfe \0\xff\r\n', 'latin1')

async function receive({
  fail,
  password = 'secret',
  settings = {},
  from = 'jane@customer.example',
}: {
  fail?: ErrorKind
  password?: string
  settings?: Record<string, string>
  from?: string
}) {
  const stage = await createHttpStage(settings)
  stages.push(stage)
  if (fail !== undefined) stage.door.failNext(new MailError(fail, 'a planned fault'))
  const rejected: string[] = []
  const message = {
    from,
    to: 'grüße@reply.example',
    raw: new Blob([bytes]).stream(),
    setReject: (reason: string) => rejected.push(reason),
  }
  const ended = await worker
    .email(message, { RELAY_URL: `http://127.0.0.1:${String(stage.port)}/ingress/relay`, INGRESS_PASSWORD: password })
    .then(
      () => null,
      (error: unknown) => String(error),
    )
  return { ended, rejected, submissions: stage.door.submissions }
}

test('posts the mail byte for byte, with its envelope', async () => {
  const { ended, rejected, submissions } = await receive({})
  expect({ ended, rejected }).toEqual({ ended: null, rejected: [] })
  expect(submissions[0]).toMatchObject({
    envelope: { reversePath: 'jane@customer.example', recipients: ['grüße@reply.example'] },
  })
  expect(submissions[0]?.raw.equals(bytes)).toBe(true)
})

test('a bounce has the null reverse-path', async () => {
  expect((await receive({ from: '' })).submissions[0]?.envelope.reversePath).toBe('')
})

test.each<ErrorKind>(['forbidden', 'malformed', 'unsupported-media', 'too-large'])(
  '%s rejects the mail for good',
  async (fail) => {
    const { ended, rejected } = await receive({ fail })
    expect(ended).toBeNull()
    expect(rejected).toHaveLength(1)
  },
)

test.each<ErrorKind>([
  'unavailable',
  'storage-full',
  'rate-limited',
  'over-quota',
  'misconfigured',
  'unexpected',
  'conflict',
  'unknown-recipient',
])('%s is a temporary failure', async (fail) => {
  const { ended, rejected } = await receive({ fail })
  expect(ended).toMatch(/the relay ingress answered/)
  expect(rejected).toEqual([])
})

test('a wrong password, or a service that is off, is a temporary failure', async () => {
  expect(await receive({ password: 'wrong' })).toMatchObject({
    ended: 'Error: the relay ingress answered 401',
    rejected: [],
  })
  expect(await receive({ settings: { RAILS_INBOUND_EMAIL_SERVICE: 'mailgun' } })).toMatchObject({
    ended: 'Error: the relay ingress answered 404',
    rejected: [],
  })
})
