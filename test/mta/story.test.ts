// One conversation through Postfix, from a visitor of a website to an agent who works from a mail client: every mail
// goes out by Postfix and comes back by it. Then what can go wrong with it, and who tries to abuse it. The names of
// attacks are those of the advisories and issues in which other helpdesks had them.

import { type ParsedMail, simpleParser } from 'mailparser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createTestDatabase, describeWithDatabase, type TestDatabase } from '../support/database.ts'
import { dkimRecord, dkimSigned } from '../support/dkim-key.ts'
import { type DnsServer, startDns } from '../support/dns-server.ts'
import { freshWords, mail } from '../support/mail.ts'
import { openSession } from '../support/mail-client.ts'
import { addAgent } from '../support/people.ts'
import { addInboxMembers } from '../support/records.ts'
import { reportOf } from '../support/reports.ts'
import { createDataDir, type InboundEmail, type Service, startProcess } from '../support/service.ts'
import { until } from '../support/until.ts'
import type { Site } from './member.ts'
import { postfix } from './postfix.ts'
import { type ListenerState, openRoom, whyNot } from './room.ts'
import { startSink } from './sink.ts'
import { siteOf } from './site.ts'

const domain = 'reply.example.com'
const agent = 'ann@agents.example'
const colleague = 'ben@agents.example'
const eve = 'eve@evil.example'
const goneVisitor = 'gone@customer.example'
const member = postfix('lmtp')
const reason = whyNot(member.program)
if (reason !== null) console.warn(`skipped: a conversation through Postfix: ${reason}`)

describeWithDatabase('a conversation through Postfix', () => {
  describe.skipIf(reason !== null)('from a website to a mail client', () => {
    let folder: Awaited<ReturnType<typeof createDataDir>>
    let database: TestDatabase
    let dns: DnsServer
    let sink: Awaited<ReturnType<typeof startSink>>
    let room: ListenerState
    let site: Site
    let service: Service
    let ports: Record<string, string>
    let inboxAddress: string
    let annId: number

    const env = () => ({
      DATA_DIR: folder.path,
      DATABASE_URL: database.url,
      INBOUND_EMAIL_DOMAIN: domain,
      CONTINUITY_DELAY_MS: '200',
      DNS_SERVERS: dns.address,
      ...ports,
    })

    beforeAll(async () => {
      folder = await createDataDir()
      database = await createTestDatabase()
      dns = await startDns({
        's1._domainkey.agents.example': dkimRecord,
        '_dmarc.agents.example': 'v=DMARC1; p=none',
        's1._domainkey.evil.example': dkimRecord,
      })
      sink = await startSink({ unknown: [goneVisitor] })
      ports = {}
      service = await startProcess(env())
      inboxAddress = service.inboxAddress
      site = siteOf(service, sink.port)
      room = await openRoom(member.program)
      await member.setUp(room, site)
      await room.run('postconf smtpd_authorized_xclient_hosts=127.0.0.0/8 && postfix reload >/dev/null 2>&1')
      // The service again, now that its way out is known.
      ports = {
        PORT: String(service.ports.http),
        SMTP_PORT: String(service.ports.smtp),
        LMTP_PORT: String(service.ports.lmtp),
        OUTBOUND_SMTP_URL: `smtp://${site.address}:${String(site.port)}`,
      }
      await restart()
      const open = () =>
        openSession(endpoint(), 'smtp').then(
          (session) => (session.close(), true),
          () => false,
        )
      await until('Postfix answers', open, 30_000)
      annId = await addAgent(service, agent)
      await service.sql(`update users set name = 'Ann Agent' where id = $1`, [annId])
      await addAgent(service, colleague)
    }, 120_000)

    afterAll(async () => {
      await room?.close()
      await service?.kill()
      await sink?.stop()
      await dns?.stop()
      await database?.drop()
      await folder?.remove()
    })

    async function restart(more: Record<string, string> = {}): Promise<void> {
      await service.kill('SIGTERM')
      service = await startProcess({ ...env(), ...more })
    }

    const endpoint = () => ({ host: site.address, port: site.port, localAddress: '127.0.0.9' })

    /** Hands a mail to Postfix as a client on the internet does; its answers to RCPT and DATA. */
    async function send(raw: Buffer, { from, to }: { from: string; to: string }): Promise<string[]> {
      const session = await openSession(endpoint(), 'smtp')
      try {
        await session.command('XCLIENT ADDR=93.184.215.14 NAME=mail.client.example')
        await session.command('EHLO mail.client.example')
        const { recipients, data } = await session.submit({ from, to, raw })
        return [...recipients, ...data]
      } finally {
        session.close()
      }
    }

    /** What became here of a mail that Postfix took. */
    async function arrived(raw: Buffer, envelope: { from: string; to: string }): Promise<InboundEmail> {
      const messageId = /^Message-ID: (\S+)/im.exec(raw.toString('latin1'))?.[1] ?? ''
      expect((await send(raw, envelope)).every((answer) => answer.startsWith('250'))).toBe(true)
      const id = await within(`mail ${messageId}`, async () => {
        const [row] = await service.sql<{ id: number }>('select id from inbound_emails where message_id = $1', [
          messageId.slice(1, -1),
        ])
        return row?.id
      })
      return service.settled(id)
    }

    async function within<T>(what: string, ask: () => Promise<T | null | undefined | false>): Promise<T> {
      try {
        return await until(what, ask, 45_000)
      } catch (error) {
        throw new Error(`${String(error)}\n${await member.queue(room)}\n${(await member.log(room)).slice(-4_000)}`)
      }
    }

    interface Received extends ParsedMail {
      readonly raw: string
      readonly reversePath: string
    }

    /** Mails that Postfix has carried to a person. */
    const mailsTo = (person: string): Promise<Received[]> =>
      Promise.all(
        sink.taken
          .filter(({ to }) => to.includes(person))
          .map(async ({ text, from }) =>
            Object.assign(await simpleParser(Buffer.from(text, 'latin1')), { raw: text, reversePath: from }),
          ),
      )
    const mailTo = (person: string, words: string): Promise<Received> =>
      within(`a mail to ${person} with ${words}`, async () =>
        (await mailsTo(person)).find(({ text, subject }) => `${String(subject)} ${String(text)}`.includes(words)),
      )
    const replyTo = ({ replyTo: field }: ParsedMail): string => field?.value[0]?.address ?? ''
    /** All work that is due is done, and Postfix's queue is empty. */
    const quiet = () =>
      within('the end of all work', async () => {
        const rows = await service.sql('select 1 from work where failed_at is null and run_at <= now()')
        return rows.length === 0 && (await member.queue(room)).includes('empty')
      })

    const account = '/api/v1/accounts/1'
    const ask = async (method: string, path: string, body?: object): Promise<any> => {
      const answer = await service.api(method, path, body)
      if (answer.status !== 200)
        throw new Error(`${method} ${path}: ${String(answer.status)} ${answer.bytes.toString('utf8')}`)
      return answer.body
    }

    interface Talk {
      /** The conversation's number in the account. */
      readonly id: number
      readonly visitor: string
    }
    const at = ({ id }: Talk, rest = '') => `${account}/conversations/${String(id)}${rest}`
    const messages = (talk: Talk) => service.messages(talk.id)

    let count = 0
    /** A visitor opens the widget of a website, leaves an address, asks, and closes the page. */
    async function visit(visitor = `vera${String(++count)}@customer.example`): Promise<Talk> {
      const inbox = await ask('POST', `${account}/inboxes`, {
        name: 'Shop',
        channel: { type: 'web_widget', website_url: 'https://shop.example' },
      })
      await addInboxMembers(service, inbox.id, [annId])
      const gate = `/public/api/v1/inboxes/${String(inbox.website_token)}/contacts`
      const contact = await ask('POST', gate, { name: 'Vera Visitor', email: visitor })
      const own = `${gate}/${String(contact.source_id)}/conversations`
      const { id } = await ask('POST', own, {})
      await ask('POST', `${own}/${String(id)}/messages`, { content: 'Do you ship to Norway?' })
      await ask('POST', at({ id, visitor }, '/assignments'), { assignee_id: annId })
      return { id, visitor }
    }

    /** The agent answers through the API, and the visitor, who has gone, gets it by mail. */
    async function answerByApi(talk: Talk): Promise<Received> {
      const words = freshWords()
      await ask('POST', at(talk, '/messages'), { content: words })
      return mailTo(talk.visitor, words)
    }

    /** The customer answers by mail, and the agent is notified. */
    async function customerAnswers(talk: Talk, sent: Received): Promise<Received> {
      const words = freshWords()
      const raw = mail({ From: `Vera <${talk.visitor}>`, To: replyTo(sent), Subject: 'Re: Shop' }, words)
      expect(await arrived(raw, { from: talk.visitor, to: replyTo(sent) })).toMatchObject({ status: 'delivered' })
      return mailTo(agent, words)
    }

    const quoted = ({ text }: ParsedMail) =>
      `On Tue, 1 Dec 2026 at 12:00, Shop wrote:\n${String(text).replace(/^/gm, '> ')}`.replaceAll('\n', '\r\n')

    /** What a mail client makes of the agent's words above a notice; `words` may begin with commands. */
    const agentMail = (notice: Received, words: string, top: Record<string, string> = {}): Buffer =>
      mail(
        {
          From: `Ann Agent <${agent}>`,
          To: replyTo(notice),
          Subject: `Re: ${String(notice.subject)}`,
          'In-Reply-To': String(notice.messageId),
          References: [notice.references ?? [], notice.messageId ?? ''].flat().join(' '),
          'User-Agent': 'Mozilla Thunderbird',
          'X-Originating-IP': '[192.0.2.77]',
          'Content-Type': 'text/plain; charset=utf-8',
          ...top,
        },
        `${words}\r\n\r\n-- \r\nAnn Agent, private extension 4711\r\n\r\n${quoted(notice)}`,
      )
    const agentAnswers = async (notice: Received, words: string, top: Record<string, string> = {}) =>
      arrived(await dkimSigned(agentMail(notice, words, top), 'agents.example'), { from: agent, to: replyTo(notice) })

    /** A conversation as far as the agent's notice. */
    async function noticed(): Promise<{ talk: Talk; sent: Received; notice: Received }> {
      const talk = await visit()
      const sent = await answerByApi(talk)
      return { talk, sent, notice: await customerAnswers(talk, sent) }
    }

    test('the customer gets the words of the agent, and no trace of the agent’s mail', async () => {
      const { talk, notice } = await noticed()
      const words = freshWords()
      const email = await agentAnswers(notice, `#label vip #resolve\r\n\r\n${words}`)
      expect(email).toMatchObject({ status: 'delivered', reason: 'agent-reply' })
      const received = await mailTo(talk.visitor, words)
      expect(received.from?.value[0]?.address).toBe(`notifications@${domain}`)
      expect(replyTo(received)).toMatch(/^reply\+[0-9a-f]{32,}@/)
      expect(replyTo(received)).not.toBe(replyTo(notice))
      for (const trace of ['agents.example', '4711', 'Thunderbird', '192.0.2.77', '#resolve', replyTo(notice)])
        expect([trace, `${received.raw} ${String(received.text)} ${String(received.html)}`]).toEqual([
          trace,
          expect.not.stringContaining(trace),
        ])
      const conversation = await ask('GET', at(talk))
      expect(conversation).toMatchObject({ status: 'resolved', labels: ['vip'] })
      const answer = (await messages(talk)).find(({ content }) => content === words)
      expect(answer).toMatchObject({ message_type: 1, sender: { id: annId, name: 'Ann Agent' } })
      // Postfix has it: its answer and its queue id stand on the message.
      const { delivery } = answer?.content_attributes ?? {}
      expect(delivery.history.at(-1)).toMatchObject({ state: 'handed_over', server: site.address })
      expect(delivery.history.at(-1).response).toMatch(/^250 2\.0\.0 Ok: queued as /)

      // The customer answers again, and the conversation is open again.
      await customerAnswers(talk, received)
      expect(await ask('GET', at(talk))).toMatchObject({ status: 'open' })
    }, 120_000)

    test('a mail to an unknown address comes back; the address is suppressed, and so is the next mail', async () => {
      const talk = await visit(goneVisitor)
      const words = freshWords()
      const { id } = await ask('POST', at(talk, '/messages'), { content: words })
      const stateOf = async () =>
        (await messages(talk)).find((message: any) => message.id === id)?.content_attributes.delivery?.state
      await within('the bounce', async () => (await stateOf()) === 'bounced')
      const { payload } = await ask('GET', `${account}/suppressed_addresses?q=${goneVisitor}`)
      expect(payload).toMatchObject([{ email: goneVisitor, reason: 'bounce', message_id: id }])
      const next = await ask('POST', at(talk, '/messages'), { content: freshWords() })
      await within('the refusal', async () =>
        (await messages(talk)).find(
          (message: any) => message.id === next.id && message.content_attributes.delivery?.state === 'suppressed',
        ),
      )
      await quiet()
      expect(await mailsTo(goneVisitor)).toEqual([])
    }, 120_000)

    test('an answer that the agent stops does not reach Postfix', async () => {
      const { talk, notice } = await noticed()
      await quiet()
      await restart({ AGENT_UNDO_SECONDS: '60' })
      const words = freshWords()
      await agentAnswers(notice, `#resolve\r\n\r\n${words}`)
      const confirmation = await mailTo(agent, words)
      const path = /\/confirm\/[\w-]{43}/.exec(String(confirmation.text))?.[0] ?? ''
      expect((await fetch(`${service.url}${path}`, { method: 'POST' })).status).toBe(200)
      await service.sql('update work set run_at = now() where failed_at is null')
      await quiet()
      expect((await mailsTo(talk.visitor)).filter(({ raw }) => raw.includes(words))).toEqual([])
      expect(await ask('GET', at(talk))).toMatchObject({ status: 'open' })
      await restart()
    }, 120_000)

    describe('an attacker', () => {
      let talk: Talk
      let sent: Received
      let notice: Received
      beforeAll(async () => {
        ;({ talk, sent, notice } = await noticed())
      }, 120_000)

      /** Nothing of these words leaves to anyone, and nothing was done. */
      async function expectNothing(words: string): Promise<void> {
        await quiet()
        expect(sink.taken.filter(({ text, to }) => text.includes(words) && !to.includes(agent))).toEqual([])
        expect(await ask('GET', at(talk))).toMatchObject({ status: 'open', labels: [] })
      }

      test('FreeScout CVE-2026-47123: who names the notice, with the agent in From, does not write to customers', async () => {
        const words = freshWords()
        const raw = agentMail(notice, `#resolve\r\n\r\n${words}`, { To: `support@${domain}` })
        expect(await arrived(raw, { from: agent, to: inboxAddress })).toMatchObject({ status: 'held' })
        await expectNothing(words)
      })

      test('with the agent’s reply address, but without a signature of the agent’s domain, is held', async () => {
        const words = freshWords()
        const raw = agentMail(notice, `#label stolen #resolve\r\n\r\n${words}`)
        expect(await arrived(raw, { from: agent, to: replyTo(notice) })).toMatchObject({
          status: 'held',
          reason: 'agent-not-verified',
        })
        await expectNothing(words)
      })

      test('who signs with another domain is held', async () => {
        const words = freshWords()
        const raw = await dkimSigned(agentMail(notice, words), 'evil.example')
        expect(await arrived(raw, { from: eve, to: replyTo(notice) })).toMatchObject({
          status: 'held',
          reason: 'agent-not-verified',
        })
        await expectNothing(words)
      })

      test('alga-psa #3242: forged Authentication-Results and internal fields vouch for nothing', async () => {
        const words = freshWords()
        const top = {
          'Authentication-Results': `mta.example; dmarc=pass header.from=agents.example`,
          'X-Rethread-Verified': 'true',
          'X-Resolved-User': String(annId),
        }
        expect(await arrived(agentMail(notice, words, top), { from: agent, to: replyTo(notice) })).toMatchObject({
          status: 'held',
          reason: 'agent-not-verified',
        })
        await expectNothing(words)
      })

      test('two From fields: neither is believed', async () => {
        const words = freshWords()
        const raw = await dkimSigned(agentMail(notice, words), 'agents.example')
        const doubled = Buffer.concat([Buffer.from(`From: ${eve}\r\n`), raw])
        expect(await arrived(doubled, { from: eve, to: replyTo(notice) })).toMatchObject({
          status: 'held',
          reason: 'doubled-header',
        })
        await expectNothing(words)
      })

      test('chatwoot #15092 and GHSA-j49f-9g94-3wh4: a forwarded reply address makes nobody the customer', async () => {
        const words = freshWords()
        const raw = mail({ From: `Vera <${eve}>`, To: replyTo(sent) }, words)
        const before = await ask('GET', at(talk))
        const email = await arrived(raw, { from: eve, to: replyTo(sent) })
        expect(email).toMatchObject({ status: 'delivered', reason: 'reply-address-other-sender' })
        const message = (await messages(talk)).find(({ id }) => id === email.message_db_id)
        expect(message?.sender).toMatchObject({ email: eve })
        const conversation = await ask('GET', at(talk))
        expect(conversation.meta.sender).toEqual(before.meta.sender)
        // The next answer goes to the customer, not to the stranger.
        const answer = freshWords()
        await ask('POST', at(talk, '/messages'), { content: answer })
        await mailTo(talk.visitor, answer)
        await quiet()
        expect((await mailsTo(eve)).filter(({ raw: bytes }) => bytes.includes(answer))).toEqual([])
      })

      test('Zendesk 2024: a stranger in Cc of a forged mail is sent nothing', async () => {
        const words = freshWords()
        const raw = mail({ From: talk.visitor, To: replyTo(sent), Cc: eve }, words)
        await arrived(raw, { from: talk.visitor, to: replyTo(sent) })
        const answer = freshWords()
        await ask('POST', at(talk, '/messages'), { content: answer })
        await mailTo(talk.visitor, answer)
        await quiet()
        expect((await mailsTo(eve)).filter(({ raw: bytes }) => bytes.includes(answer))).toEqual([])
      })

      test('alga-psa #3241: a Message-ID of the conversation does not bring a stranger into it', async () => {
        const mallory = 'mallory@evil.example'
        const before = (await messages(talk)).length
        const fields = { From: mallory, To: inboxAddress, 'In-Reply-To': String(sent.messageId) }
        const email = await arrived(mail(fields, freshWords()), { from: mallory, to: inboxAddress })
        expect(email).toMatchObject({ status: 'delivered', reason: 'new-conversation-linked' })
        expect(await messages(talk)).toHaveLength(before)
      })

      test('GHSA-83xx-8c27-gq78: an agent without access to the inbox does not answer by mail', async () => {
        const words = freshWords()
        const from = 'outsider@agents.example'
        await addAgent(service, from)
        const raw = await dkimSigned(agentMail(notice, words, { From: from }), 'agents.example')
        expect(await arrived(raw, { from, to: replyTo(notice) })).toMatchObject({
          status: 'held',
          reason: 'agent-not-verified',
        })
        await expectNothing(words)
      })

      test('backscatter: Postfix refuses mail for an unknown reply address, and mails nobody about it', async () => {
        const before = await mailsTo(eve)
        const to = `reply+${'0'.repeat(32)}@${domain}`
        const [answer] = await send(mail({ From: eve, To: to }, freshWords()), { from: eve, to })
        expect(answer).toMatch(/^550 5\.1\.1 /)
        await quiet()
        expect(await mailsTo(eve)).toHaveLength(before.length)
      })

      test('a forged bounce to a guessed reverse-path is refused, and one to the reply address suppresses nothing', async () => {
        const to = `bounce+${'0'.repeat(32)}@${domain}`
        const report = reportOf({ names: talk.visitor })
        expect((await send(report, { from: '', to }))[0]).toMatch(/^550 5\.1\.1 /)
        await arrived(report, { from: '', to: replyTo(sent) })
        const { payload } = await ask('GET', `${account}/suppressed_addresses?q=${talk.visitor}`)
        expect(payload).toEqual([])
      })

      test('a guessed link stops no answer', async () => {
        const guessed = `${service.url}/confirm/${'A'.repeat(43)}`
        expect((await fetch(guessed, { method: 'POST' })).status).toBe(404)
      })
    })
  })
})
