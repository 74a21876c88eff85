// Commands work for a verified agent at their own reply address, and for nobody else: not for customers, strangers who
// have the address, forged agents, quotations, nor in the name of the person who files or replays a mail.

import { beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { addNoticedAgent, type NotifiedAgent } from '../support/agents.ts'
import { useService } from '../support/fixtures.ts'
import { freshWords, mail } from '../support/mail.ts'
import { addCorrespondence } from '../support/people.ts'
import { addInboxMembers } from '../support/records.ts'
import { until } from '../support/until.ts'

const relay = 'mx.relay.example'
const manyWords = (start: string) => Array.from({ length: 50_000 }, (_, index) => `${start}${String(index)}`).join(' ')

describe('commands in mail that is not a verified agent’s', () => {
  const service = useService({ env: { AUTHSERV_ID: relay } })
  let ann: NotifiedAgent
  let bob: NotifiedAgent

  beforeAll(async () => {
    ann = await addNoticedAgent(service)
    bob = await addNoticedAgent(service)
    await addInboxMembers(service, 1, [ann.userId])
  })
  beforeEach(async () => {
    await service.sql(`update conversations set status = 'open', labels = '{}'`)
    await service.sql(`delete from labels`)
  })

  const pass = (domain: string) => ({ 'Authentication-Results': `${relay}; dmarc=pass header.from=${domain}` })
  const commands = '#label vip #resolve\r\n#block'
  const deliver = (fields: Record<string, string>, body: string, to: string) =>
    service.deliver(mail({ To: to, ...fields }, body), { to })
  const quiet = () =>
    until('the end of all work', async () => {
      const rows = await service.sql('select 1 from work where failed_at is null')
      return rows.length === 0
    })
  const expectNothingDone = async () => {
    await quiet()
    expect(await service.sql(`select id from conversations where status <> 'open' or labels <> '{}'`)).toEqual([])
    expect(await service.sql('select id from contacts where blocked')).toEqual([])
    const corrections = (await service.outbox()).filter(({ field }) => /^Not done/.test(field('Subject') ?? ''))
    expect(corrections).toEqual([])
  }

  test('are plain text from the customer, and from another customer', async () => {
    const words = freshWords()
    const email = await deliver(
      { From: ann.place.email, ...pass('example.com') },
      `${commands}\r\n${words}`,
      ann.place.replyAddress,
    )
    expect(email).toMatchObject({ status: 'delivered', reason: 'reply-address' })
    const message = (await service.messages(ann.place.displayId)).find(({ id }) => id === email.message_db_id)
    expect(message?.content).toBe(`#label vip #resolve\n#block\n${words}`)
    const other = await addCorrespondence(service, 'other@example.com')
    await deliver({ From: other.email, ...pass('example.com') }, commands, ann.place.replyAddress)
    await deliver({ From: other.email, ...pass('example.com') }, commands, service.inboxAddress)
    await expectNothingDone()
  })

  test.each([
    ['a stranger who has the agent’s address', () => ({ From: 'mallory@evil.example', ...pass('evil.example') })],
    ['the agent’s From without proof', () => ({ From: ann.agent })],
    ['the agent’s From with the proof of another domain', () => ({ From: ann.agent, ...pass('evil.example') })],
    ['another agent, verified', () => ({ From: bob.agent, ...pass('agents.example') })],
    ['the customer', () => ({ From: ann.place.email, ...pass('example.com') })],
  ])('are held from %s, and cause no correction', async (_who, fields) => {
    const email = await deliver(fields(), `${commands}\r\n#nonsense`, ann.agentAddress)
    expect(email).toMatchObject({ status: 'held', reason: 'agent-not-verified' })
    expect(JSON.stringify(email.trace)).not.toContain('"commands"')
    await expectNothingDone()
  })

  test('are held from an agent at the customer’s reply address', async () => {
    const email = await deliver({ From: ann.agent, ...pass('agents.example') }, commands, ann.place.replyAddress)
    expect(email).toMatchObject({ status: 'held', reason: 'agent-with-customer-token' })
    await expectNothingDone()
  })

  test('are plain text in a quotation or a forwarded notice below the agent’s words', async () => {
    const words = freshWords()
    const quoted = `${words}\r\n\r\nOn Mon, Nov 30, 2026 at 9:00 AM J <j@a.example> wrote:\r\n> #resolve\r\n> #block`
    expect(await deliver({ From: ann.agent, ...pass('agents.example') }, quoted, ann.agentAddress)).toMatchObject({
      status: 'delivered',
      reason: 'agent-reply',
    })
    const forwarded = `${words}\r\n\r\n---------- Forwarded message ---------\r\nFrom: J <j@a.example>\r\n\r\n#resolve`
    await deliver({ From: ann.agent, ...pass('agents.example') }, forwarded, ann.agentAddress)
    await expectNothingDone()
  })

  test('of an agent who no longer sees the conversation are not performed', async () => {
    const { userId, place, agent, agentAddress } = bob
    await service.sql('update conversations set assignee_id = null where id = $1', [place.id])
    await service.sql('delete from inbox_members where user_id = $1', [userId])
    const email = await deliver({ From: agent, ...pass('agents.example') }, commands, agentAddress)
    expect(email.reason).not.toBe('agent-reply')
    await expectNothingDone()
  })

  test('are left out, and not performed, when a person sends the held answer on', async () => {
    const [secret, words] = [freshWords(), freshWords()]
    const email = await deliver({ From: ann.agent }, `#note ${secret}\r\n#resolve\r\n\r\n${words}`, ann.agentAddress)
    expect(email).toMatchObject({ status: 'held', reason: 'agent-not-verified' })
    const file = (id: number) =>
      service.api('POST', `/api/v1/accounts/1/inbound_emails/${String(id)}/file`, {
        conversation_id: ann.place.displayId,
        send: true,
      })
    expect((await file(email.id)).status).toBe(200)
    await expectNothingDone()
    const sent = (await service.outbox()).filter(({ recipients }) => recipients.includes(ann.place.email))
    expect(sent.filter(({ text }) => text.includes(words))).toHaveLength(1)
    expect(sent.filter(({ text }) => text.includes(secret))).toEqual([])
    expect(sent.filter(({ text }) => text.includes(words) && text.includes('#resolve'))).toEqual([])
    const only = await deliver({ From: ann.agent }, commands, ann.agentAddress)
    const refused = await file(only.id)
    expect(refused.status).toBe(422)
    expect(JSON.stringify(refused.body)).toContain('commands and no words')
    expect(await service.show(only.id)).toMatchObject({ status: 'held', reason: 'agent-not-verified' })
  })

  test('of a held mail that a person replays are the agent’s own, once, and only when all are understood', async () => {
    const words = freshWords()
    const fields = { From: ann.agent, ...pass('agents.example') }
    const email = await deliver(fields, `#resolve\r\n#team night shift\r\n\r\n${words}`, ann.agentAddress)
    expect(email).toMatchObject({ status: 'held', reason: 'command-not-understood' })
    const replay = async () =>
      (await service.api('POST', `/api/v1/inbound_emails/${String(email.id)}/replay`)).body as Record<string, unknown>
    expect(await replay()).toMatchObject({ status: 'held', reason: 'command-not-understood' })
    await service.api('POST', '/api/v1/accounts/1/teams', { name: 'Night shift' })
    expect(await replay()).toMatchObject({ status: 'delivered', reason: 'agent-reply' })
    expect(await replay()).toMatchObject({ status: 'delivered' })
    await quiet()
    const done = await service.sql<{ performer: string }>(
      `select performer from events where conversation_id = $1 and name = 'conversation_resolved'`,
      [ann.place.id],
    )
    expect(done).toEqual([{ performer: `user:${String(ann.userId)}` }])
    const sent = (await service.outbox()).filter(
      ({ recipients, text }) => recipients.includes(ann.place.email) && text.includes(words),
    )
    expect(sent).toHaveLength(1)
  })

  test('of a held mail stay when the mail of another author names the report about it', async () => {
    await addInboxMembers(service, 1, [bob.userId])
    const held = await deliver({ From: ann.agent, ...pass('agents.example') }, '#nothing\r\n\r\nHi', ann.agentAddress)
    expect(held).toMatchObject({ status: 'held', reason: 'command-not-understood' })
    const named = { 'In-Reply-To': `<commands/${String(held.id)}@reply.localhost>` }
    const others = [
      await deliver({ From: bob.agent, ...pass('agents.example'), ...named }, freshWords(), bob.agentAddress),
      await deliver({ From: ann.place.email, ...pass('example.com'), ...named }, freshWords(), ann.place.replyAddress),
      await deliver({ From: ann.agent, ...named }, freshWords(), ann.agentAddress),
    ]
    expect(others.map(({ status }) => status)).toEqual(['delivered', 'delivered', 'held'])
    expect(await service.show(held.id)).toMatchObject({ status: 'held', reason: 'command-not-understood' })
  })

  // Each took the one thread of the service for 24 s or more.
  test.each([
    ['separators without an end', () => `#label ${','.repeat(400_000)}x`],
    ['very many labels', () => ['label', 'unlabel'].map((verb) => `#${verb} ${manyWords(verb)}`).join('\r\n')],
    ['very many lines', () => `#nonsense ${'x'.repeat(80)}\r\n`.repeat(10_000)],
    ['very many commands on a line', () => '#resolve '.repeat(50_000)],
  ])('of a verified agent do nothing, and do not stop the service, with %s', async (_what, lines) => {
    const words = freshWords()
    const html = `<p>${'#nonsense x<br>'.repeat(10_000)}</p>`
    const body =
      `--b\r\nContent-Type: text/plain\r\n\r\n${lines()}\r\n\r\n${words}\r\n` +
      `--b\r\nContent-Type: text/html\r\n\r\n${html}\r\n--b--\r\n`
    const email = await deliver(
      {
        From: ann.agent,
        ...pass('agents.example'),
        'MIME-Version': '1.0',
        'Content-Type': 'multipart/alternative; boundary=b',
      },
      body,
      ann.agentAddress,
    )
    expect(email).toMatchObject({ status: 'held', reason: 'command-not-understood' })
    await quiet()
    expect(await service.sql(`select id from conversations where status <> 'open' or labels <> '{}'`)).toEqual([])
    const sent = (await service.outbox()).filter(({ recipients }) => recipients.includes(ann.place.email))
    expect(sent.filter(({ text }) => text.includes(words))).toEqual([])
  })

  test('of a verified agent copy an answer to no more people than a message has', async () => {
    const words = freshWords()
    const copies = Array.from({ length: 6 }, (_, line) =>
      Array.from({ length: 90 }, (_none, index) => `c${String(line)}-${String(index)}@x.example`).join(' '),
    )
    const email = await deliver(
      { From: ann.agent, ...pass('agents.example') },
      `${copies.map((some) => `#cc ${some}`).join('\r\n')}\r\n\r\n${words}`,
      ann.agentAddress,
    )
    expect(email).toMatchObject({ status: 'held', reason: 'command-not-understood' })
    expect(JSON.stringify(email.trace)).toContain('A message has at most 500 recipients')
    await quiet()
    expect((await service.outbox()).filter(({ recipients }) => recipients.length > 1)).toEqual([])
  })
})
