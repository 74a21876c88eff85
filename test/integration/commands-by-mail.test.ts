// An agent answers a notice with commands on the first lines: they are performed as by the agent's own hand, the
// customer gets the words below them, and what is not understood changes nothing and is explained.

import { beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { addNoticedAgent, type NotifiedAgent } from '../support/agents.ts'
import { useService } from '../support/fixtures.ts'
import { freshWords, mail } from '../support/mail.ts'
import { addAgent } from '../support/people.ts'
import { createTeam } from '../support/records.ts'
import { acceptedId } from '../support/service.ts'
import { until } from '../support/until.ts'

const relay = 'mx.relay.example'

describe('commands by mail', () => {
  const service = useService({ env: { AUTHSERV_ID: relay } })
  let ann: NotifiedAgent
  let teamId: number

  beforeAll(async () => {
    ann = await addNoticedAgent(service)
    await service.sql(`update users set name = 'Ann Agent' where id = $1`, [ann.userId])
    for (const name of ['Anna Meier', 'Anna Li']) {
      const email = `${name.toLowerCase().replace(' ', '.')}@agents.example`
      await service.sql('update users set name = $2 where id = $1', [await addAgent(service, email), name])
    }
    teamId = await createTeam(service, { name: 'billing', isAutoAssigned: false })
  })
  beforeEach(async () => {
    await service.sql(
      `update conversations
       set status = 'open', labels = '{}', priority = null, team_id = null, assignee_id = $2
       where id = $1`,
      [ann.place.id, ann.userId],
    )
  })

  const verified = () => ({
    From: `Ann <${ann.agent}>`,
    To: ann.agentAddress,
    'Authentication-Results': `${relay}; dmarc=pass header.from=agents.example`,
  })
  const send = async (body: string, top: Record<string, string> = {}) =>
    service.settled(
      acceptedId(
        await service.smtp({
          from: ann.agent,
          to: ann.agentAddress,
          raw: mail({ ...verified(), 'Content-Type': 'text/plain; charset=utf-8', ...top }, body),
          parameters: 'BODY=8BITMIME',
        }),
      ),
    )
  const quiet = () =>
    until('the end of all work', async () => {
      const rows = await service.sql('select 1 from work where failed_at is null')
      return rows.length === 0
    })
  const toCustomer = async () => {
    await quiet()
    return (await service.outbox()).filter(({ recipients }) => recipients.includes(ann.place.email))
  }
  const corrections = async () => {
    await quiet()
    return (await service.outbox()).filter(({ field }) => /^Not done: commands/.test(field('Subject') ?? ''))
  }
  const stateOf = async () => {
    const [row] = await service.sql<Record<string, unknown>>(
      'select status, snoozed_until, labels, priority, team_id, assignee_id from conversations where id = $1',
      [ann.place.id],
    )
    return row
  }
  const said = async () => (await service.messages(ann.place.displayId)).map(({ content }) => content)

  test('are performed as the agent, and the customer gets only the words below', async () => {
    const words = freshWords()
    const email = await send(
      `#label vip #resolve\r\n\uff03Priority\u00a0HIGH\r\n\r\n${words}\r\n#open is no command here`,
    )
    expect(email).toMatchObject({ status: 'delivered', reason: 'agent-reply', conversation_id: ann.place.displayId })
    expect(await stateOf()).toMatchObject({ status: 'resolved', labels: ['vip'], priority: 'high' })
    const sent = (await toCustomer()).filter(({ text }) => text.includes(words))
    expect(sent).toHaveLength(1)
    expect(sent[0]?.text).toContain('#open is no command here')
    expect(sent[0]?.text).not.toMatch(/#label|#resolve|vip|priority|agents\.example/i)
    const message = (await service.messages(ann.place.displayId)).find(({ id }) => id === email.message_db_id)
    expect(message).toMatchObject({ content: `${words}\n#open is no command here`, message_type: 1, private: false })
    expect(JSON.stringify(message)).not.toMatch(/#label|#resolve/)
    expect(await said()).toEqual(
      expect.arrayContaining([
        'Conversation was marked resolved by Ann Agent',
        'Ann Agent added vip',
        'Ann Agent set the priority to high',
      ]),
    )
    const performers = await service.sql<{ performer: string }>(
      `select distinct performer from events where conversation_id = $1 and name = 'conversation_resolved'`,
      [ann.place.id],
    )
    expect(performers).toEqual([{ performer: `user:${String(ann.userId)}` }])
    expect(email.trace).toContainEqual({
      step: 'commands',
      outcome: 'understood',
      detail: 'performed as the agent: #label vip #resolve #priority HIGH; the words below go to the contact',
    })
  })

  test('alone send nothing and leave no empty message, and the same mail again performs nothing', async () => {
    const before = (await toCustomer()).length
    const note = freshWords()
    const raw = { 'Message-ID': `<${freshWords()}@agents.example>` }
    const body = `#note ${note} #resolve\r\n#snooze 2d\r\n#team billing\r\n#assign anna.li@agents.example`
    const email = await send(body, raw)
    expect(email).toMatchObject({ status: 'delivered', reason: 'agent-reply' })
    const state = await stateOf()
    expect(state).toMatchObject({ status: 'snoozed', team_id: teamId })
    expect(Number(state?.['snoozed_until']) - Date.now()).toBeGreaterThan(47.9 * 3_600_000)
    expect(await toCustomer()).toHaveLength(before)
    const messages = await service.messages(ann.place.displayId)
    expect(messages.find(({ id }) => id === email.message_db_id)).toMatchObject({
      message_type: 2,
      content: 'Ann Agent sent commands by email: #note … #snooze 2d #team billing #assign anna.li@agents.example',
    })
    expect(messages.find(({ content }) => content === `${note} #resolve`)).toMatchObject({
      private: true,
      sender: { id: ann.userId },
    })
    expect(messages.filter(({ content }) => content === null || content === '')).toEqual([])
    await service.sql(`update conversations set status = 'open', assignee_id = $2 where id = $1`, [
      ann.place.id,
      ann.userId,
    ])
    const count = (await said()).length
    const again = await service.deliver(mail({ ...verified(), ...raw }, body), {
      from: 'another@agents.example',
      to: ann.agentAddress,
    })
    expect(again.id).not.toBe(email.id)
    expect(again).toMatchObject({ status: 'ignored', reason: 'duplicate-message' })
    expect(await stateOf()).toMatchObject({ status: 'open' })
    expect(await said()).toHaveLength(count)
  })

  test('#private keeps the words as a note, and #cc sends a copy of the answer', async () => {
    const [secret, words] = [freshWords(), freshWords()]
    const kept = await send(`#private\r\n${secret}`)
    expect((await service.messages(ann.place.displayId)).find(({ id }) => id === kept.message_db_id)).toMatchObject({
      content: secret,
      private: true,
    })
    expect((await toCustomer()).filter(({ text }) => text.includes(secret))).toEqual([])
    await send(`#cc boss@customer.example\r\n${words}`)
    const [sent] = (await toCustomer()).filter(({ text }) => text.includes(words))
    expect(sent?.recipients).toEqual([ann.place.email, 'boss@customer.example'])
    expect(sent?.field('Cc')).toBe('boss@customer.example')
  })

  test('in an HTML mail are read as its words, and a broken line of a note never reaches the customer', async () => {
    const [secret, words] = [freshWords(), freshWords()]
    const start = 'This customer has complained about everything three times, so please'
    const email = await send(
      `--b\r\nContent-Type: text/plain\r\n\r\n#note ${start}\r\n${secret}\r\n#resolve\r\n\r\n${words}\r\n--b\r\n` +
        `Content-Type: text/html\r\n\r\n<div>#note ${start} ${secret}</div><div>#resolve</div><div><br></div>` +
        `<div>${words}</div>\r\n--b--`,
      { 'MIME-Version': '1.0', 'Content-Type': 'multipart/alternative; boundary="b"' },
    )
    expect(email).toMatchObject({ status: 'delivered' })
    expect((await toCustomer()).filter(({ text }) => text.includes(secret))).toEqual([])
    expect((await toCustomer()).filter(({ text }) => text.includes(words))).toHaveLength(1)
    expect(await said()).toContain(`${start} ${secret}`)
  })

  test('#block blocks the contact and resolves', async () => {
    await send('#block')
    expect(await stateOf()).toMatchObject({ status: 'resolved' })
    expect(await service.sql('select blocked from contacts where id = $1', [ann.place.contactId])).toEqual([
      { blocked: true },
    ])
    await service.sql('update contacts set blocked = false where id = $1', [ann.place.contactId])
  })

  test('that are not understood change nothing and send nothing; the agent gets one mail and their words', async () => {
    const words = freshWords()
    const before = await stateOf()
    const email = await send(`#label vip\r\n#asign me\r\n#assign anna\r\n#snooze 2020-01-01\r\n\r\n${words}`)
    expect(email).toMatchObject({ status: 'held', reason: 'command-not-understood' })
    expect(await stateOf()).toEqual(before)
    expect((await toCustomer()).filter(({ text }) => text.includes(words))).toEqual([])
    const [correction, ...more] = await corrections()
    expect(more).toEqual([])
    expect(correction?.recipients).toEqual([ann.agent])
    expect(correction?.reversePath).toBe('')
    expect(correction?.field('Auto-Submitted')).toBe('auto-replied')
    expect(correction?.address('Reply-To')).toBe(ann.agentAddress)
    const text = correction?.bytes.toString('utf8').replace(/=\r\n/g, '').replaceAll('=E2=80=9C', '“') ?? ''
    expect(text).toContain('Nothing was done, and nothing was sent to the customer')
    expect(text).toContain('- #asign me: There is no command')
    expect(text).toContain('Did you mean #assign?')
    expect(text).toContain('It may mean Anna Meier (anna.meier@agents.example) or Anna Li (anna.li@agents.example).')
    expect(text).toContain('- #snooze 2020-01-01: That time is over.')
    expect(text).toContain('Understood, and not done either:\r\n- #label vip')
    expect(text).toContain(words)
    // Corrected, as an answer to the report: the held mail is done with, and is not sent later by a replay.
    const top = { 'In-Reply-To': correction?.field('Message-ID') ?? '' }
    const corrected = await send(`#label vip\r\n#assign me\r\n\r\n${words}`, top)
    expect(corrected).toMatchObject({ status: 'delivered', reason: 'agent-reply' })
    expect((await toCustomer()).filter(({ text: sent }) => sent.includes(words))).toHaveLength(1)
    const { body } = await service.api('GET', `/api/v1/inbound_emails/${String(email.id)}`)
    expect(body).toMatchObject({ status: 'ignored', reason: 'discarded' })
    expect(body.trace.at(-1).detail).toContain(`inbound email ${String(corrected.id)}`)
  })

  test.each([
    ['a label that the account does not have', '#label refnud', 'Did you mean refund?'],
    ['a contradiction', '#resolve\r\n#open', 'They contradict each other.'],
    [
      'a recipient that would come back',
      '#cc reply+0123456789abcdef0123456789abcdef@reply.localhost',
      'would come back',
    ],
    ['words behind a command', '#resolve thank you', 'takes nothing after it'],
  ])('%s holds the mail', async (_what, command, why) => {
    await service.sql(`delete from automatic_mail`)
    await service.api('POST', '/api/v1/accounts/1/labels', { title: 'refund' })
    const email = await send(`${command}\r\n\r\n${freshWords()}`)
    expect(email).toMatchObject({ status: 'held', reason: 'command-not-understood' })
    const text = (await corrections()).at(-1)?.text ?? ''
    expect(text).toContain(why)
    expect(text).not.toContain('0123456789abcdef0123456789abcdef')
  })

  test('explain shows them and performs nothing', async () => {
    const explained = await service.explain(mail(verified(), '#resolve\r\n\r\nThank you.'), { to: ann.agentAddress })
    expect(explained.body.trace).toContainEqual({
      step: 'commands',
      outcome: 'understood',
      detail: 'performed as the agent: #resolve; the words below go to the contact',
    })
    expect(await stateOf()).toMatchObject({ status: 'open' })
  })

  test('days are those of the inbox’s time zone', async () => {
    await service.sql(`update inboxes set timezone = 'Asia/Tokyo'`)
    await send('#snooze 2027-03-01')
    expect((await stateOf())?.['snoozed_until']).toEqual(new Date('2027-03-01T00:00:00Z'))
    await service.sql(`update inboxes set timezone = 'UTC'`)
  })
})
