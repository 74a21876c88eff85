// Mail that no person wrote says so (RFC 3834 §5), and asks for no absences; what a person wrote says nothing of the
// kind.

import { expect, test } from 'vitest'

import { describeOnEitherDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshWords, mail, type SentMail } from '../support/mail.ts'
import { answerThroughApi } from '../support/people.ts'
import { until } from '../support/until.ts'

describeOnEitherDatabase('outgoing mail', (member) => {
  const service = useService({ on: member, env: { CONTINUITY_DELAY_MS: '400' } })
  const account = '/api/v1/accounts/1'

  const ask = async (method: string, path: string, body: object, token?: string): Promise<any> => {
    const answer = await service.api(method, `${account}${path}`, body, token)
    if (answer.status !== 200)
      throw new Error(`${method} ${path}: ${String(answer.status)} ${answer.bytes.toString('utf8')}`)
    return answer.body
  }
  const botToken = async (): Promise<string> =>
    (await ask('POST', '/agent_bots', { name: 'Bob', outgoing_url: '' })).access_token
  const sayingOf = async (words: string): Promise<[string | null, string | null]> => {
    const sent: SentMail = await until(`a mail with ${words}`, async () =>
      (await service.outbox()).find((file) => file.text.includes(words)),
    )
    return [sent.field('Auto-Submitted'), sent.field('X-Auto-Response-Suppress')]
  }
  const hear = async (words: string): Promise<number> => {
    const from = `${words.replaceAll(' ', '.')}@customer.example`
    return (await service.deliver(mail({ From: from, To: service.inboxAddress }, words), { from })).conversation_id!
  }
  const answered = ['auto-replied', 'OOF, AutoReply']
  const begun = ['auto-generated', 'OOF, AutoReply']

  test("a person's answer is not marked as automatic", async () => {
    const [asked, said] = [freshWords(), freshWords()]
    await answerThroughApi(service, await hear(asked), said)
    expect(await sayingOf(said)).toEqual([null, null])
  })

  test("a rule's answer is marked as automatic", async () => {
    const [asked, said] = [freshWords(), freshWords()]
    const conditions = [
      { attribute_key: 'content', filter_operator: 'contains', values: [asked], query_operator: null },
    ]
    await ask('POST', '/automation_rules', {
      name: 'Answers',
      event_name: 'message_created',
      conditions,
      actions: [{ action_name: 'send_message', action_params: [said] }],
    })
    await hear(asked)
    expect(await sayingOf(said)).toEqual(answered)
  })

  test("a bot's answer is marked as automatic", async () => {
    const [asked, said] = [freshWords(), freshWords()]
    await ask('POST', `/conversations/${String(await hear(asked))}/messages`, { content: said }, await botToken())
    expect(await sayingOf(said)).toEqual(answered)
  })

  test(
    "in another channel it answers no mail, and mail with a person's message is not marked as " + 'automatic',
    async () => {
      const inbox = await ask('POST', '/inboxes', {
        name: 'Shop',
        channel: { type: 'web_widget', website_url: 'https://shop.example' },
      })
      const begin = async (): Promise<string> => {
        const email = `${freshWords().replaceAll(' ', '.')}@customer.example`
        const { payload } = await ask('POST', '/contacts', { email })
        const made = { inbox_id: inbox.id, contact_id: payload.contact.id, source_id: email }
        return `/conversations/${String((await ask('POST', '/conversations', made)).id)}/messages`
      }
      const [alone, beside, person] = [freshWords(), freshWords(), freshWords()]
      const token = await botToken()
      await ask('POST', await begin(), { content: alone }, token)
      expect(await sayingOf(alone)).toEqual(begun)
      const shared = await begin()
      await ask('POST', shared, { content: person })
      await ask('POST', shared, { content: beside }, token)
      expect(await sayingOf(beside)).toEqual([null, null])
    },
  )
})
