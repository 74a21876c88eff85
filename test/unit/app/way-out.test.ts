// What `doctor --dns` knows of the way out: of several transports the default counts, and a provider's API has an
// envelope sender of its own, which SPF of our domains says nothing about.

import { expect, test } from 'vitest'

import { noteOnReverse } from '../../../src/app/dns/advice.ts'
import type { Lookups } from '../../../src/app/dns/lookups.ts'
import { readServers } from '../../../src/app/dns/mail-route.ts'
import { examineReverse } from '../../../src/app/doctor/route/reverse.ts'
import { examineSpf } from '../../../src/app/doctor/route/spf.ts'
import { readConfig } from '../../../src/config.ts'

const serversOf = (settings: Record<string, string>) => readServers(readConfig(settings))
const wayOut = (settings: Record<string, string>) => serversOf(settings).wayOut

test('TRANSPORTS counts as OUTBOUND_SMTP_URL does, and its first entry is the way out', () => {
  expect(wayOut({})).toEqual({ kind: 'outbox' })
  expect(wayOut({ OUTBOUND_SMTP_URL: 'smtp://127.0.0.1' })).toEqual({ kind: 'own', host: '127.0.0.1' })
  expect(wayOut({ TRANSPORTS: 'a=smtp://mx.example.net,b=mailgun://k@mg.example' })).toEqual({
    kind: 'server',
    host: 'mx.example.net',
  })
  expect(wayOut({ TRANSPORTS: 'a=smtp://k:s@smtp.mailgun.org:587' })).toEqual({
    kind: 'provider',
    host: 'smtp.mailgun.org',
    include: 'mailgun.org',
  })
  expect(wayOut({ TRANSPORTS: 'a=mailgun://k@mg.example,b=smtp://mx.example.net' })).toEqual({
    kind: 'api',
    host: 'mailgun',
  })
})

test('behind an API neither SPF nor reverse DNS of ours is a fault', async () => {
  const route = {
    domains: { reply: [], sending: [], agents: [] },
    ...serversOf({ TRANSPORTS: 'a=mailgun://k@mg.example' }),
  }
  const lookups = {
    txt: () => Promise.resolve({ is: 'found', records: ['v=spf1 -all'] }),
  } as unknown as Lookups
  expect(await examineSpf('reply.acme.example', route, lookups)).toMatchObject({
    ok: true,
    detail: expect.stringContaining('mail leaves over mailgun, whose own envelope sender SPF is about') as string,
  })
  expect(await examineReverse(route, lookups)).toEqual({ ok: true, detail: noteOnReverse(route) })
})
