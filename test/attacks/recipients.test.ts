// Answers go where the mail came from: no edit of the contact by a visitor, an import, or an agent who does not see
// the inbox moves them. An explicit action does, and leaves an activity.

import { describe, expect, test } from 'vitest'

import { useService } from '../support/fixtures.ts'
import { freshWords, mail, type SentMail } from '../support/mail.ts'
import { until } from '../support/until.ts'

describe('the recipient of answers', () => {
  const service = useService()

  let count = 0
  const fresh = (name: string): string => `${name}${String(++count)}@customer.example`
  const ask = async (method: string, path: string, body?: object, token?: string): Promise<any> => {
    const answer = await service.api(method, `/api/v1/accounts/1${path}`, body, token)
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${String(answer.status)} ${String(answer.bytes)}`)
    return answer.body
  }
  const sentWith = (words: string): Promise<SentMail> =>
    until(`a mail with ${words}`, async () => (await service.outbox()).find((file) => file.text.includes(words)))
  const begin = async (from: string) => {
    const to = service.inboxAddress
    const heard = await service.deliver(mail({ From: from, To: to }, freshWords()), { from, to })
    const { meta } = await ask('GET', `/conversations/${String(heard.conversation_id)}`)
    return { id: heard.conversation_id!, contactId: meta.sender.id as number }
  }
  const answered = async (id: number): Promise<readonly string[]> => {
    const words = freshWords()
    await ask('POST', `/conversations/${String(id)}/messages`, { content: words })
    return (await sentWith(words)).recipients
  }
  const activities = async (id: number): Promise<string[]> =>
    (await service.messages(id)).filter((one: any) => one.message_type === 2).map((one: any) => String(one.content))

  test('does not follow an import', async () => {
    const [old, evil] = [fresh('jane'), fresh('evil')]
    const { id, contactId } = await begin(old)
    await ask('PUT', `/contacts/${String(contactId)}`, { identifier: `id-${old}` })
    const form = new FormData()
    form.append(
      'import_file',
      new Blob([`identifier,email\nid-${old},${evil}\n`], { type: 'text/csv' }),
      'contacts.csv',
    )
    const imported = await fetch(`${service.url}/api/v1/accounts/1/contacts/import`, {
      method: 'POST',
      headers: { api_access_token: service.token },
      body: form,
    })
    expect(imported.status).toBe(200)
    await until('the import', async () =>
      (await ask('GET', `/contacts/${String(contactId)}`)).payload.email === evil ? true : null,
    )
    expect(await answered(id)).toEqual([old])
  })

  test('does not follow an agent who does not see the inbox, and follows one who does, with an activity', async () => {
    const [old, evil, right] = [fresh('jane'), fresh('evil'), fresh('right')]
    const { id, contactId } = await begin(old)
    const user = (await service.api('POST', '/api/v1/installation/users', { name: 'Out', email: 'out@team.example' }))
      .body
    await service.api('POST', '/api/v1/installation/accounts/1/account_users', { user_id: user.id, role: 'agent' })
    const outsider = String(user.access_token)
    await ask('PUT', `/contacts/${String(contactId)}`, { email: evil }, outsider)
    expect(await answered(id)).toEqual([old])
    expect((await ask('GET', `/conversations/${String(id)}`)).recipient).toMatchObject({ email: old })

    const second = await begin(fresh('ken'))
    const { email } = (await ask('GET', `/contacts/${String(second.contactId)}`)).payload
    expect(await answered(second.id)).toEqual([email])
    await ask('PUT', `/contacts/${String(second.contactId)}`, { email: right })
    expect(await answered(second.id)).toEqual([right])
    expect((await activities(second.id)).join('\n')).toContain(`sends the answers of this conversation to ${right}`)
  })

  test('can be changed, which records an activity, but never to a reply address', async () => {
    const { id } = await begin(fresh('jane'))
    const chosen = fresh('chosen')
    expect(await ask('POST', `/conversations/${String(id)}/recipient`, { email: chosen.toUpperCase() })).toEqual({
      email: chosen,
      state: 'given',
    })
    expect(await answered(id)).toEqual([chosen])
    expect((await activities(id)).join('\n')).toContain(chosen)
    for (const email of ['', 'nobody', `reply+${'a'.repeat(32)}@reply.localhost`])
      expect(
        (await service.api('POST', `/api/v1/accounts/1/conversations/${String(id)}/recipient`, { email })).status,
      ).toBe(422)
  })

  test('is the address from which the contact wrote last', async () => {
    const [home, work] = [fresh('home'), fresh('work')]
    const { id, contactId } = await begin(home)
    await service.sql(`update contacts set additional_emails = '{${work}}' where id = ${String(contactId)}`)
    const words = freshWords()
    await ask('POST', `/conversations/${String(id)}/messages`, { content: words })
    const to = (await sentWith(words)).address('Reply-To')
    await service.deliver(mail({ From: work, To: to }, freshWords()), { from: work, to })
    expect(await answered(id)).toEqual([work])
    // Mail of a stranger to the reply address has its real sender, and no automatic answer.
    const stranger = fresh('stranger')
    await service.deliver(mail({ From: stranger, To: to }, freshWords()), { from: stranger, to })
    expect(await answered(id)).toEqual([work])
  })

  test("mail from an address that was replaced on a contact no longer counts as that contact's", async () => {
    const [old, now] = [fresh('old'), fresh('now')]
    const { contactId } = await begin(old)
    await ask('PUT', `/contacts/${String(contactId)}`, { email: now })
    expect((await begin(old)).contactId).not.toBe(contactId)
    expect((await begin(now)).contactId).toBe(contactId)
  })
})
