// Forged senders make an installation write to whomever they name: as much as they like, in the forger's words.

import { beforeEach, expect, test } from 'vitest'

import { describeWithDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { type Fields, freshWords, mail } from '../support/mail.ts'
import { until } from '../support/until.ts'

const authserv = 'mx.reply.example'

describeWithDatabase('backscatter', () => {
  const service = useService({ env: { AUTHSERV_ID: authserv, AUTOMATIC_MAIL_UNPROVEN_PER_ACCOUNT: '5' } })
  const ask = async (method: string, path: string, body?: object, token?: string): Promise<any> => {
    const answer = await service.api(method, `/api/v1/accounts/1${path}`, body, token)
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${String(answer.status)} ${answer.bytes.toString()}`)
    return answer.body
  }
  beforeEach(async () => {
    await service.sql('delete from automatic_mail')
    await ask('PATCH', '/inboxes/1', { greeting_enabled: false })
    for (const rule of (await ask('GET', '/automation_rules')).payload)
      await ask('DELETE', `/automation_rules/${String(rule.id)}`)
  })

  const greet = () => ask('PATCH', '/inboxes/1', { greeting_enabled: true, greeting_message: 'We have your mail.' })
  const answerByRule = () =>
    ask('POST', '/automation_rules', {
      name: 'Answers',
      event_name: 'message_created',
      conditions: [
        { attribute_key: 'message_type', filter_operator: 'equal_to', values: ['incoming'], query_operator: null },
      ],
      actions: [{ action_name: 'send_message', action_params: ['Thank you.'] }],
    })
  const letter = (from: string, fields: Fields) =>
    mail({ From: from, To: service.inboxAddress, Subject: freshWords(), ...fields }, freshWords())
  const write = (from: string, fields: Fields = {}) =>
    service.deliver(letter(from, fields), { from, to: service.inboxAddress })
  /** All at once; taken, and what they cause still to be done. */
  const writeAtOnce = async (senders: readonly string[]) => {
    const answers = await Promise.all(
      senders.map((from) => service.relay(letter(from, {}), { from, to: service.inboxAddress })),
    )
    expect(answers.filter(({ status }) => status !== 204)).toEqual([])
  }
  /** All that these mails caused has been done. */
  const settled = () =>
    until(
      'no work',
      async () =>
        (
          await service.sql(
            `select 1 from events where position is null
             union all
             select 1 from inbound_emails where status in ('pending', 'processing')
             union all
             select 1 from work where kind in ('answer-by-template', 'react', 'send-reply') and failed_at is null`,
          )
        ).length === 0,
      50_000,
    )
  const mailsTo = async (mailbox: RegExp) =>
    (await service.outbox()).filter(({ recipients }) => recipients.some((one) => mailbox.test(one)))

  test.each([
    ['greetings', greet],
    ['rules', answerByRule],
  ])('one mailbox gets one mail from 40 forged tags and 20 at once, by %s', async (name, prepare) => {
    await prepare()
    const victim = `victim-${name}`
    const forged = Array.from({ length: 40 }, (_, n) => `${victim}+${String(n)}@customer.example`)
    await writeAtOnce([...forged, ...Array.from({ length: 20 }, () => `${victim}@customer.example`)])
    await settled()
    expect(await mailsTo(new RegExp(`^${victim}`))).toHaveLength(1)
  })

  test('a mailbox gets one mail from a bot that answers each message', async () => {
    const { access_token: token } = await ask('POST', '/agent_bots', { name: 'Bob', outgoing_url: '' })
    const statuses: number[] = []
    for (let n = 0; n < 6; n++) {
      const { conversation_id: id } = await write(`botted+${String(n)}@customer.example`)
      const path = `/api/v1/accounts/1/conversations/${String(id)}/messages`
      statuses.push((await service.api('POST', path, { content: 'Hello, human!' }, token)).status)
    }
    await settled()
    expect(statuses).toEqual([200, 429, 429, 429, 429, 429])
    expect(await mailsTo(/^botted/)).toHaveLength(1)
  })

  test('all unproven mailboxes together get no more than the account may write in an hour', async () => {
    await greet()
    await writeAtOnce(Array.from({ length: 20 }, (_, n) => `many${String(n)}@customer.example`))
    await settled()
    expect(await mailsTo(/^many/)).toHaveLength(5)
  })

  test('a proven sender is answered each time, and more often than an unproven one', async () => {
    await greet()
    const pass = { 'Authentication-Results': `${authserv}; dmarc=pass header.from=customer.example` }
    for (let n = 0; n < 4; n++) await write('proven@customer.example', pass)
    await settled()
    expect(await mailsTo(/^proven/)).toHaveLength(4)
  })

  test('answers repeat no subject or text of an unproven sender; a proven sender reads their subject', async () => {
    await greet()
    const [evil, good] = ['Buy-evil-pills', 'Where-is-my-order']
    await write('neutral@customer.example', { From: '"Buy evil pills" <neutral@customer.example>', Subject: evil })
    const pass = { 'Authentication-Results': `${authserv}; dmarc=pass header.from=customer.example` }
    await write('subject@customer.example', { ...pass, Subject: good })
    await settled()
    const [unproven] = await mailsTo(/^neutral/)
    const [proven] = await mailsTo(/^subject/)
    expect(unproven?.text).toContain('We have your mail.')
    expect(unproven?.text).not.toMatch(/evil/i)
    expect(proven?.field('Subject')).toContain(good)
  })

  test('unknown recipients are refused at RCPT, by SMTP and by LMTP', async () => {
    for (const speak of [service.smtp, service.lmtp]) {
      const raw = mail({ From: 'x@customer.example' })
      const submitted = await speak({ from: 'x@customer.example', to: ['nobody@reply.localhost'], raw })
      expect(submitted.recipients[0]).toMatch(/^550 5\.1\.1/)
    }
  })
})
