// Work before limits: bodies that are cheap to send and costly to read. Every entry point that a stranger reaches
// refuses them early, and meanwhile the service answers others, within a heap in which the parse of one of them would
// end the process.

import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { beforeAll, expect, test } from 'vitest'

import { findExcess } from '../../src/http-client/json-bounds.ts'
import { describeWithDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { type Service } from '../support/service.ts'
import { until } from '../support/until.ts'

const mega = 1024 * 1024
// On the code before, one request took 1.5 s to 24 s of the event loop. The bound leaves room for a busy machine.
const maxPauseMs = 1_500
const maxGrowthBytes = 100 * mega

const json = 'application/json'
const urlencoded = 'application/x-www-form-urlencoded'
const multipart = 'multipart/form-data; boundary=b'
const tinyPart = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'

interface Attack {
  readonly what: string
  readonly path: string
  readonly type: string
  readonly unit: string
  /** What comes before the units. */
  readonly start?: string
  readonly bytes: number
  readonly status: readonly number[]
}

const visitorPath = '/public/api/v1/inboxes/INBOX/contacts'
const attacks: readonly Attack[] = [
  {
    what: 'nested arrays to SES',
    path: '/ingress/ses',
    type: 'text/plain',
    unit: '[',
    bytes: 70 * mega,
    status: [413],
  },
  {
    what: 'nested arrays of 1 MB to SES',
    path: '/ingress/ses',
    type: 'text/plain',
    unit: '[',
    bytes: mega,
    status: [401],
  },
  {
    what: 'nested objects to SES',
    path: '/ingress/ses',
    type: 'text/plain',
    unit: '{"a":',
    bytes: mega,
    status: [401],
  },
  { what: 'a flat list to SES', path: '/ingress/ses', type: 'text/plain', unit: '[0],', bytes: mega, status: [401] },
  {
    what: 'tiny parts to Mailgun',
    path: '/ingress/mailgun',
    type: multipart,
    unit: tinyPart,
    bytes: 100 * mega,
    status: [406],
  },
  {
    what: 'tiny parts below the size',
    path: '/ingress/mailgun',
    type: multipart,
    unit: tinyPart,
    bytes: 50 * mega,
    status: [401],
  },
  {
    what: 'tiny fields to Mailgun',
    path: '/ingress/mailgun',
    type: urlencoded,
    unit: 'a=b&',
    bytes: 50 * mega,
    status: [401],
  },
  {
    what: 'percent signs to Mailgun',
    path: '/ingress/mailgun',
    type: urlencoded,
    unit: '%41',
    bytes: 50 * mega,
    status: [401],
  },
  {
    what: 'line ends to Mailgun',
    path: '/ingress/mailgun/mime',
    type: multipart,
    unit: '\r\n--',
    bytes: 50 * mega,
    status: [401],
  },
  {
    what: 'empty fields to Mandrill',
    path: '/ingress/mandrill',
    type: urlencoded,
    unit: '&',
    bytes: 60 * mega,
    status: [401],
  },
  {
    what: 'a large name to Mandrill',
    path: '/ingress/mandrill',
    type: urlencoded,
    unit: 'a',
    bytes: 60 * mega,
    status: [401],
  },
  {
    what: 'a large field to Mandrill',
    path: '/ingress/mandrill',
    type: urlencoded,
    start: 'mandrill_events=',
    unit: '[',
    bytes: 60 * mega,
    status: [401],
  },
  { what: 'lists to Resend', path: '/ingress/resend', type: json, unit: '[', bytes: 30 * mega, status: [413] },
  {
    what: 'a large body to SendGrid',
    path: '/ingress/sendgrid',
    type: multipart,
    unit: tinyPart,
    bytes: 50 * mega,
    status: [401],
  },
  {
    what: 'nested JSON of a visitor',
    path: visitorPath,
    type: json,
    unit: '{"a":',
    bytes: 5 * mega - 1,
    status: [413],
  },
  {
    what: 'nested JSON of 900 KB of a visitor',
    path: visitorPath,
    type: json,
    unit: '[',
    bytes: 900_000,
    status: [422],
  },
  { what: 'a flat list of a visitor', path: visitorPath, type: json, unit: '[0],', bytes: 900_000, status: [422] },
  { what: 'pairs of a visitor', path: visitorPath, type: urlencoded, unit: 'a[b][c]=&', bytes: 900_000, status: [422] },
  {
    what: 'a long name of a visitor',
    path: visitorPath,
    type: urlencoded,
    unit: 'a[b]',
    bytes: 900_000,
    status: [422],
  },
  {
    what: 'tiny parts of a visitor',
    path: visitorPath,
    type: multipart,
    unit: tinyPart,
    bytes: 900_000,
    status: [422],
  },
  {
    what: 'JSON in a field of a visitor',
    path: visitorPath,
    type: urlencoded,
    unit: 'custom_attributes=[[[[[[[[',
    bytes: 900_000,
    status: [422],
  },
]

describeWithDatabase('bodies that are cheap to send and costly to read', () => {
  const service = useService({
    env: {
      NODE_OPTIONS:
        '--max-old-space-size=192 ' +
        `--import=${fileURLToPath(new URL('../support/loop-delay.mjs', import.meta.url))}`,
      LOOP_DELAY_FILE: 'loop-delay',
      RAILS_INBOUND_EMAIL_SERVICE: 'relay,mailgun,sendgrid,mandrill,ses,resend',
      SES_INGRESS_TOPIC_ARN: 'arn:aws:sns:eu-west-1:123456789012:mail',
      MAILGUN_INGRESS_SIGNING_KEY: 'key',
      MANDRILL_INGRESS_API_KEY: 'key',
      RESEND_INGRESS_SIGNING_SECRET: 'whsec_c2VjcmV0',
      RATE_LIMIT_CONTACT: 'off',
    },
  })
  let inbox = ''
  beforeAll(async () => {
    const made = await service.api('POST', '/api/v1/accounts/1/inboxes', {
      name: 'Site',
      channel: { type: 'web_widget', website_url: 'https://shop.example' },
    })
    inbox = String(made.body.website_token)
  }, 60_000)

  test.each(attacks)('$what', async (attack) => {
    const before = await memory(service)
    const longestPause = await watchLoop(service)
    const answer = await send(service, { ...attack, path: attack.path.replace('INBOX', inbox) })
    const pause = await longestPause()
    expect(attack.status).toContain(answer.status)
    expect(pause).toBeLessThan(maxPauseMs)
    expect((await memory(service)) - before).toBeLessThan(maxGrowthBytes)
    expect(service.isRunning()).toBe(true)
  })

  test('a mail of header lines only is stored without blocking', async () => {
    const longestPause = await watchLoop(service)
    const { status } = await service.relay(Buffer.alloc(30 * mega, 'a:\n'), { to: service.inboxAddress })
    expect([status, (await longestPause()) < maxPauseMs]).toEqual([204, true])
  })

  test('what is within the bounds is still read (control)', async () => {
    const path = visitorPath.replace('INBOX', inbox)
    const custom_attributes = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`key_${String(n)}`, n]))
    const asJson = await post(service, path, json, JSON.stringify({ name: 'Jane', custom_attributes }))
    const asForm = await post(service, path, urlencoded, `name=Jane&custom_attributes[a]=b`)
    expect([asJson, asForm]).toEqual([200, 200])
  })

  test('the measurement detects blocking (control)', async () => {
    // A pause of the service as a whole: what a blocked event loop looks like from outside.
    const longestPause = await watchLoop(service)
    process.kill(service.pid, 'SIGSTOP')
    await new Promise((resolve) => setTimeout(resolve, maxPauseMs + 200))
    process.kill(service.pid, 'SIGCONT')
    expect(await longestPause()).toBeGreaterThan(maxPauseMs)
  })
})

test('the limits on JSON count parsed values, not characters in strings', () => {
  const bounds = { maxDepth: 3, maxValues: 10 }
  const excess = (text: string) => findExcess(Buffer.from(text), bounds)
  expect(['[[[]]]', '{"a":"[[[[[["}', '["\\"[[[[", "\\\\"]', '"[,,,,,,,,,,,,"', '[1,2,3,4,5]'].map(excess)).toEqual([
    null,
    null,
    null,
    null,
    null,
  ])
  expect(['[[[[', '["\\\\",[[[', '[1,2,3,4,5,6,7,8,9,0,1]', '{"a":1,"b":2,"c":3,"d":4,"e":5}'].map(excess)).toEqual([
    'nested too deeply',
    'nested too deeply',
    'too many values',
    'too many values',
  ])
})

async function memory({ url }: Service): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/^rethread_memory_bytes (\d+)$/m.exec(text)?.[1])
}

/** The longest pause of the service's event loop from here on, in milliseconds. */
async function watchLoop({ dataDir }: Service): Promise<() => Promise<number>> {
  const file = join(dataDir, 'loop-delay')
  await rm(file, { force: true })
  await until('a fresh measure', () => existsSync(file))
  return async () => {
    // Two ticks later the pause of what has just been answered is in it.
    await new Promise((resolve) => setTimeout(resolve, 50))
    return Number(await readFile(file, 'utf8'))
  }
}

// Sends until there is an answer: a service that refuses early is not sent the rest.
function send(
  service: Service,
  { path, type, unit, bytes, start = '' }: Attack,
): Promise<{ status: number; sent: number }> {
  return new Promise((resolve, reject) => {
    const chunk = Buffer.from(unit.repeat(Math.ceil(65_536 / unit.length)))
    const authorization = `Basic ${Buffer.from(`actionmailbox:wrong`).toString('base64')}`
    const asking = request(`${service.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': type, authorization },
    })
    let sent = 0
    let answered = false
    asking.on('response', (response) => {
      answered = true
      resolve({ status: response.statusCode ?? 0, sent })
      asking.destroy()
    })
    asking.on('error', (error) => {
      if (!answered) reject(error)
    })
    asking.write(start)
    const pump = (): void => {
      while (!answered && sent < bytes) {
        const piece = chunk.subarray(0, bytes - sent)
        sent += piece.length
        if (!asking.write(piece)) {
          asking.once('drain', pump)
          return
        }
      }
      asking.end()
    }
    pump()
  })
}

async function post({ url }: Service, path: string, type: string, body: string): Promise<number> {
  const answer = await fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': type }, body })
  return answer.status
}
