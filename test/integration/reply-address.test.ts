// Reply addresses for mail that an account sends itself: asked for by API, set as Reply-To, answered by mail.

import { expect, test } from 'vitest'

import { describeWithDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshWords, mail } from '../support/mail.ts'
import { answerThroughApi } from '../support/people.ts'

describeWithDatabase('a reply address for mail of other systems', () => {
  const service = useService({ env: { REPLY_TOKEN_EXPIRES_DAYS: '30' } })

  let count = 0
  const account = '/api/v1/accounts/1'
  const post = (path: string, json: object) => service.api('POST', `${account}${path}`, json)
  const converse = async () => {
    const email = `customer${String(++count)}@customer.example`
    const { body } = await post('/contacts', { name: 'Carla', email, inbox_id: 1 })
    const contactId: number = body.payload.contact.id
    const conversation = await post('/conversations', { inbox_id: 1, contact_id: contactId })
    return { email, contactId, displayId: conversation.body.id as number }
  }
  const ask = (displayId: number, json: object = {}) => post(`/conversations/${String(displayId)}/reply_address`, json)
  const inDays = (iso: string) => Math.round((Date.parse(iso) - Date.now()) / 86_400_000)

  test('mail that the contact sends to it is the contact’s next message', async () => {
    const { email, contactId, displayId } = await converse()
    const { status, body } = await ask(displayId)
    expect(status).toBe(200)
    expect(body.reply_address).toMatch(/^reply\+[0-9a-f]{32}@reply\.localhost$/)
    expect(body).toMatchObject({
      recipient: { contact_id: contactId, email },
      headers: {
        'Reply-To': body.reply_address,
        'In-Reply-To': body.message_id_root,
        References: body.message_id_root,
      },
    })
    expect(inDays(body.expires_at)).toBe(30)
    const words = freshWords()
    const arrived = await service.deliver(mail({ From: `Carla <${email}>`, To: body.reply_address }, words), {
      to: body.reply_address,
    })
    expect(arrived).toMatchObject({ status: 'delivered', reason: 'reply-address', conversation_id: displayId })
    expect((await service.messages(displayId)).at(-1)).toMatchObject({ message_type: 0, sender: { email } })
  })

  test('an answer without the address is found by the references', async () => {
    const { email, displayId } = await converse()
    const { headers } = (await ask(displayId)).body
    const arrived = await service.deliver(
      mail({ From: email, To: service.inboxAddress, References: `${String(headers.References)} <own@shop.example>` }),
      { to: service.inboxAddress },
    )
    expect(arrived).toMatchObject({ status: 'delivered', reason: 'thread', conversation_id: displayId })
  })

  test('it is the same address each time, and the one in our own mail', async () => {
    const { displayId } = await converse()
    const [first, again] = [(await ask(displayId)).body, (await ask(displayId)).body]
    expect(again.reply_address).toBe(first.reply_address)
    const { sent } = await answerThroughApi(service, displayId, freshWords())
    expect(sent.address('Reply-To')).toBe(first.reply_address)
  })

  test('it is valid for the requested days, and never for less than issued before', async () => {
    const { displayId } = await converse()
    const promised = async (days?: number) =>
      inDays((await ask(displayId, days === undefined ? {} : { expires_in_days: days })).body.expires_at)
    expect(await promised(400)).toBe(400)
    expect(await promised(7)).toBe(400)
    expect(await promised()).toBe(400)
  })

  test('another contact, also a new one, gets a separate address for the conversation', async () => {
    const { displayId, contactId } = await converse()
    const other = await converse()
    const named = (await ask(displayId, { contact_id: other.contactId })).body
    expect(named.recipient).toEqual({ contact_id: other.contactId, email: other.email })
    const byEmail = (await ask(displayId, { email: other.email.toUpperCase() })).body
    expect(byEmail.reply_address).toBe(named.reply_address)
    const first = (await ask(displayId, { email: 'new@customer.example' })).body
    const second = (await ask(displayId, { email: 'Newer@customer.example' })).body
    expect(first.recipient.email).toBe('new@customer.example')
    const ids = [contactId, other.contactId, first.recipient.contact_id, second.recipient.contact_id]
    expect(new Set(ids).size).toBe(4)
    expect(new Set([named, first, second].map((one) => one.reply_address)).size).toBe(3)
    // Each answers under its own address, whichever was requested last.
    for (const email of ['new@customer.example', 'newer@customer.example']) {
      const to = email.startsWith('newer') ? second.reply_address : first.reply_address
      const arrived = await service.deliver(mail({ From: email, To: to }, freshWords()), { to })
      expect(arrived).toMatchObject({ status: 'delivered', reason: 'reply-address', conversation_id: displayId })
    }
  })

  test.each([
    [{ email: 'nonsense' }, 422, 'email is not an email address'],
    [{ email: `reply+${'a'.repeat(32)}@reply.localhost` }, 422, 'email is a reply address'],
    [{ expires_in_days: 0 }, 422, 'expires_in_days must be a whole number from 1 to 3650'],
    [{ expires_in_days: '1.5' }, 422, 'expires_in_days must be'],
    [{ expires_in_days: 3651 }, 422, 'expires_in_days must be'],
    [{ contact_id: 99_999 }, 404, 'Resource could not be found'],
  ])('%j is refused with %i', async (json, status, error) => {
    const { displayId } = await converse()
    const answer = await ask(displayId, json)
    expect(answer.status).toBe(status)
    expect(answer.body.error).toContain(error)
  })

  test('an agent’s address, a contact without one, and an account that receives no mail are refused', async () => {
    const { displayId } = await converse()
    const agent = await post('/agents', { name: 'Maria', email: 'maria@agents.example' })
    expect(agent.status).toBe(200)
    await service.sql('update users set confirmed_at = now() where email = $1', ['maria@agents.example'])
    await service.sql('update account_users set accepted_at = now() where user_id = $1', [agent.body.id])
    expect((await ask(displayId, { email: 'maria@agents.example' })).body.error).toContain('is the address of an agent')
    const silent = (await post('/contacts', { name: 'Silent' })).body.payload.contact.id
    expect((await ask(displayId, { contact_id: silent })).body.error).toContain('There is no recipient')
    await service.sql(`update accounts set features = array_remove(features, 'inbound_emails') where id = 1`)
    expect((await ask(displayId)).body.error).toContain('does not receive mail')
    await service.sql(`update accounts set features = array_append(features, 'inbound_emails') where id = 1`)
  })
})
