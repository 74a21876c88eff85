// An agent whose answer is held is notified, and a person can send the answer on; a forged sender causes no mail to
// strangers, and at most one to each agent.

import { afterAll, beforeAll, expect, test } from 'vitest'

import { addNoticedAgent, type NotifiedAgent } from '../support/agents.ts'
import { describeOnEitherDatabase } from '../support/database.ts'
import { freshWords, mail } from '../support/mail.ts'
import { addAgent } from '../support/people.ts'
import { addInboxMembers } from '../support/records.ts'
import { type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

describeOnEitherDatabase('held answers of agents', (member) => {
  let service: Service
  let ann: NotifiedAgent
  let boss: string
  beforeAll(async () => {
    service = await startService({ on: member })
    ann = await addNoticedAgent(service)
    boss = 'boss@agents.example'
    const id = await addAgent(service, boss)
    await service.sql(`update account_users set role = 'administrator' where user_id = $1`, [id])
  })
  afterAll(() => service.kill())

  const noticesTo = async (email: string) =>
    (await service.outbox()).filter(
      ({ recipients, field }) => recipients.includes(email) && /^Not sent: answer/.test(field('Subject') ?? ''),
    )
  const quiet = () =>
    until('the end of all work', async () => {
      const rows = await service.sql('select 1 from work where failed_at is null')
      return rows.length === 0
    })
  const answer = (from: string, words: string, top: Record<string, string> = {}, to = ann.agentAddress) =>
    service.deliver(mail({ From: from, To: to, Subject: 'Re: your order', ...top }, words), { to })

  test(
    'the agent is mailed the reason and the next step, with the subject and no text; ' + 'administrators once a day',
    async () => {
      const words = freshWords()
      const email = await answer(ann.agent, words)
      expect(email).toMatchObject({ status: 'held', reason: 'agent-not-verified' })
      const [notice] = await until('the notice', async () => {
        const found = await noticesTo(ann.agent)
        return found.length > 0 ? found : null
      })
      const text = notice?.text ?? ''
      expect(notice?.field('Subject')).toBe(`Not sent: answer to conversation ${String(ann.place.displayId)}`)
      expect(text).toContain('was not sent to the customer. No mail server that we trust confirms that it is from you.')
      expect(text).toContain('Its subject: Re: your order')
      expect(text).not.toContain(words)
      expect(notice?.reversePath).toBe('')
      expect(notice?.field('Auto-Submitted')).toBe('auto-replied')
      await quiet()
      expect(await noticesTo(boss)).toHaveLength(1)
      expect(await noticesTo(ann.place.email)).toEqual([])
    },
  )

  test("many forged answers cause one notice an hour, and a stranger's mail none", async () => {
    for (let i = 0; i < 5; i++) await answer(ann.agent, freshWords())
    expect(await answer('mallory@evil.example', freshWords())).toMatchObject({ status: 'held' })
    await quiet()
    expect(await noticesTo(ann.agent)).toHaveLength(1)
    expect(await noticesTo(boss)).toHaveLength(1)
    expect(await noticesTo('mallory@evil.example')).toEqual([])
    await service.sql(
      `update automatic_mail set started_at = now() - interval '61 minutes' where key like 'held answer %'`,
    )
    await answer(ann.agent, freshWords())
    await quiet()
    expect(await noticesTo(ann.agent)).toHaveLength(2)
    expect(await noticesTo(boss)).toHaveLength(1)
  })

  test('a held out-of-office answer causes none', async () => {
    await service.sql(`delete from automatic_mail where key like 'held answer%'`)
    const before = (await noticesTo(ann.agent)).length
    await answer(ann.agent, freshWords(), { 'Auto-Submitted': 'auto-replied' }, ann.place.replyAddress)
    await quiet()
    expect(await noticesTo(ann.agent)).toHaveLength(before)
  })

  test('filed by hand one is an incoming message, and the command says that nothing was sent', async () => {
    const words = freshWords()
    const email = await answer(ann.agent, words)
    const filed = await service.command(['inbound', 'file', String(email.id), String(ann.place.displayId)])
    expect(filed.stdout).toContain('Filed as an incoming message. Nothing was sent to the customer.')
    await quiet()
    const sent = (await service.outbox()).filter(({ recipients }) => recipients.includes(ann.place.email))
    expect(sent.filter(({ text }) => text.includes(words))).toEqual([])
  })

  test("sent by an administrator, one reaches the customer once, as the agent's, and cannot be undone", async () => {
    const words = freshWords()
    const email = await answer(ann.agent, words)
    await addInboxMembers(service, 1, [ann.userId])
    const args = ['inbound', 'file', String(email.id), String(ann.place.displayId), '--send-as-agent']
    const filed = await service.command(args)
    expect(filed.stdout).toContain(`Filed as the answer of ${ann.agent}, and sent to the customer.`)
    await quiet()
    const sent = (await service.outbox()).filter(
      ({ recipients, text }) => recipients.includes(ann.place.email) && text.includes(words),
    )
    expect(sent).toHaveLength(1)
    const message = (await service.messages(ann.place.displayId)).find(({ content }) => content === words)
    expect(message).toMatchObject({ message_type: 1, sender: { id: ann.userId } })
    expect((await service.command(args)).status).toBe(65)
    const undone = await service.api('DELETE', `/api/v1/inbound_emails/${String(email.id)}/file`)
    expect(undone.status).toBe(409)
    expect(JSON.stringify(undone.body)).toContain('cannot be taken back')
  })

  test("a stranger's mail cannot be sent as an agent's, and stays held", async () => {
    const email = await answer('mallory@evil.example', freshWords())
    const sent = await service.api('POST', `/api/v1/accounts/1/inbound_emails/${String(email.id)}/file`, {
      conversation_id: ann.place.displayId,
      send: true,
    })
    expect(sent.status).toBe(422)
    expect(JSON.stringify(sent.body)).toContain(
      'Only an agent’s mail can be sent on: mallory@evil.example is not an agent',
    )
    expect(await service.show(email.id)).toMatchObject({ status: 'held' })
  })
})
