// Our own check of senders, through the doors: an agent answers by mail without an AUTHSERV_ID, and forged mail is
// held.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { addNoticedAgent } from '../support/agents.ts'
import { dkimRecord, dkimSigned } from '../support/dkim-key.ts'
import { type DnsServer, startDns } from '../support/dns-server.ts'
import { freshWords, mail } from '../support/mail.ts'
import { openSession } from '../support/mail-client.ts'
import { type InboundEmail, type Service, startService } from '../support/service.ts'

const records = {
  's1._domainkey.agents.example': dkimRecord,
  '_dmarc.agents.example': 'v=DMARC1; p=reject',
  '_dmarc.example.com': 'v=DMARC1; p=reject',
}

const signed = (raw: Buffer): Promise<Buffer> => dkimSigned(raw, 'agents.example')

/** Hands a mail over as a relay does that names its client. */
async function relay(service: Service, raw: Buffer, { from, to }: { from: string; to: string }): Promise<string> {
  const session = await openSession(service.ports.smtp, 'smtp')
  await session.command('XFORWARD ADDR=93.184.215.14 HELO=mail.agents.example')
  const { data } = await session.submit({ from, to, raw })
  session.close()
  return data[0] ?? ''
}

function settled(service: Service, answer: string): Promise<InboundEmail> {
  return service.settled(Number(/accepted as (\d+)/.exec(answer)?.[1]), 30_000)
}

describe('the first server of a mail', () => {
  let dns: DnsServer
  let service: Service
  beforeAll(async () => {
    dns = await startDns(records)
    service = await startService({ env: { DNS_SERVERS: dns.address, RECEIVED_BY: 'mx.example.org' } })
  })
  afterAll(async () => {
    await service[Symbol.asyncDispose]()
    await dns.stop()
  })

  test('verifies an agent who answers by mail, and holds one whose mail is forged', async () => {
    const { agent, agentAddress } = await addNoticedAgent(service)
    const answer = async (raw: Buffer) => settled(service, await relay(service, raw, { from: agent, to: agentAddress }))
    const words = freshWords()
    const raw = mail({ From: agent, To: agentAddress }, words)
    expect(await answer(await signed(raw))).toMatchObject({ status: 'delivered' })
    const forged = await answer(mail({ From: agent, To: agentAddress }, freshWords()))
    expect(forged).toMatchObject({ status: 'held', reason: 'forged-sender' })
    expect(forged.trace.find(({ step }) => step === 'speaker')?.detail).toContain(
      "our own check says dmarc=fail and the domain's policy is reject",
    )
  })

  test('judges the client that the Received field of its own relay names, and no other field', async () => {
    const { agent, agentAddress } = await addNoticedAgent(service)
    const received = (address: string, by: string) =>
      `Received: from a.example (a.example [${address}]) by ${by} with ESMTP id 4X; Tue, 1 Dec 2026 03:00:00 +0000\r\n`
    const speakerOf = async (fields: string) => {
      const raw = await signed(mail({ From: agent, To: agentAddress }, freshWords()))
      const { data } = await service.smtp({
        from: agent,
        to: agentAddress,
        raw: Buffer.concat([Buffer.from(fields), raw]),
      })
      return (await settled(service, data[0] ?? '')).trace.find(({ step }) => step === 'speaker')?.outcome
    }
    const own = received('93.184.215.14', 'mx.example.org')
    expect(await speakerOf(own)).toBe('verified')
    // A second hop inside, then the line of the first.
    expect(await speakerOf(received('127.0.0.1', 'mx.example.org') + own)).toBe('verified')
    expect(await speakerOf(received('93.184.215.14', 'mx.elsewhere.example'))).toBe('unverified')
    expect(await speakerOf(received('10.0.0.5', 'mx.example.org') + own)).toBe('unverified')
  })

  test('asks the DNS nothing for a client inside', async () => {
    const before = dns.asked.length
    const raw = mail({ From: 'jane@example.com' }, freshWords())
    const { data } = await service.smtp({ from: 'jane@example.com', to: 'support@reply.localhost', raw })
    const found = await settled(service, data[0] ?? '')
    expect(found.trace.find(({ step }) => step === 'speaker')?.outcome).toBe('unverified')
    expect(dns.asked.length).toBe(before)
  })

  test('takes mail while the DNS is silent, and takes nobody for verified', async () => {
    const { agent, agentAddress } = await addNoticedAgent(service)
    dns.fallSilent()
    const raw = await signed(mail({ From: `other-${agent}`.replace('agents.example', 'quiet.example') }, freshWords()))
    const found = await settled(service, await relay(service, raw, { from: agent, to: agentAddress }))
    expect(found.status).toBe('held')
    expect(found.trace.find(({ step }) => step === 'speaker')?.detail).toContain('could not look up')
  }, 40_000)
})
