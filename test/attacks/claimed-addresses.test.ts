// An anonymous visitor names a customer's address, or becomes a contact by an agent's merge: no mail of the customer
// reaches the visitor's contact, no answer reaches the visitor's mailbox, and the visitor reads nothing that came by
// mail.

import { createHmac } from 'node:crypto'

import { beforeAll, describe, expect, test } from 'vitest'

import { useService } from '../support/fixtures.ts'
import { linkTo, openLink } from '../support/links.ts'
import { freshWords, mail, type SentMail } from '../support/mail.ts'
import { until } from '../support/until.ts'

describe('a claimed address', () => {
  const service = useService({ env: { CONTINUITY_DELAY_MS: '200', ANSWERS_TO_CLAIMED_PER_DAY: '2' } })
  const account = '/api/v1/accounts/1'
  let widget: any
  beforeAll(async () => {
    widget = await ask('POST', '/inboxes', {
      name: 'Shop',
      channel: { type: 'web_widget', website_url: 'https://shop.example' },
    })
  })

  let count = 0
  const fresh = (name: string): string => `${name}${String(++count)}@customer.example`
  const ask = async (method: string, path: string, body?: object): Promise<any> => {
    const answer = await service.api(method, `${account}${path}`, body)
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${String(answer.status)} ${String(answer.bytes)}`)
    return answer.body
  }
  // As anybody on the internet: without a token.
  const stranger = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${service.url}/public/api/v1/inboxes/${String(widget.website_token)}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, text, body: text === '' ? null : JSON.parse(text) }
  }
  const visit = async (fields: object = {}) => {
    const visitor = (await stranger('POST', '/contacts', fields)).body
    const here = `/contacts/${String(visitor.source_id)}`
    const conversation = (await stranger('POST', `${here}/conversations`, {})).body
    return { id: visitor.id as number, here, conversation: conversation.id as number }
  }
  const say = (visitor: { here: string; conversation: number }, content: string) =>
    stranger('POST', `${visitor.here}/conversations/${String(visitor.conversation)}/messages`, { content })
  const read = (visitor: { here: string; conversation: number }) =>
    stranger('GET', `${visitor.here}/conversations/${String(visitor.conversation)}/messages`)
  const answer = (id: number, content: string) => ask('POST', `/conversations/${String(id)}/messages`, { content })
  const contact = async (id: number) => (await ask('GET', `/contacts/${String(id)}`)).payload
  const sentWith = (words: string): Promise<SentMail> =>
    until(`a mail with ${words}`, async () => (await service.outbox()).find((file) => file.text.includes(words)))
  const deliver = (from: string, to: string, words: string, more: Record<string, string> = {}) =>
    service.deliver(mail({ From: from, To: to, ...more }, words), { from, to })

  test('leads no mail of its owner to the visitor who claimed it', async () => {
    const victim = fresh('victim')
    const visitor = await visit({ name: 'Mallory', email: victim })
    expect(await contact(visitor.id)).toMatchObject({
      email: null,
      addresses: [{ email: victim, state: 'claimed' }],
      additional_attributes: { claimed_email: victim },
    })
    const words = freshWords()
    const heard = await deliver(victim, service.inboxAddress, words)
    const { meta, recipient } = await ask('GET', `/conversations/${String(heard.conversation_id)}`)
    expect(meta.sender).toMatchObject({ email: victim })
    expect(meta.sender.id).not.toBe(visitor.id)
    expect(recipient).toEqual({ email: victim, state: 'given' })
    // The visitor changes the claim: the customer's answers go where the customer wrote from.
    await stranger('PATCH', visitor.here, { email: fresh('evil') })
    const reply = freshWords()
    await answer(heard.conversation_id!, reply)
    expect((await sentWith(reply)).recipients).toEqual([victim])
  })

  test('in an identity proof for another field is still a claim', async () => {
    const victim = fresh('victim')
    const { hmac_token: secret } = await ask('GET', `/inboxes/${String(widget.id)}`)
    const sign = (text: string) => createHmac('sha256', secret).update(text).digest('hex')
    const visitor = await visit({ identifier: 'user-1', identifier_hash: sign('user-1'), email: victim })
    const heard = await deliver(victim, service.inboxAddress, freshWords())
    expect((await ask('GET', `/conversations/${String(heard.conversation_id)}`)).meta.sender.id).not.toBe(visitor.id)
    expect(await contact(visitor.id)).toMatchObject({ identifier: 'user-1', email: null })
    // What the site's server signs is proven: its own hash, or the identifier where that is the address.
    expect((await stranger('POST', '/contacts', { email: victim, email_hash: sign('else') })).status).toBe(401)
    const proven = await visit({ email: victim, email_hash: sign(victim) })
    expect((await contact(proven.id)).addresses).toEqual([{ email: victim, state: 'proven' }])
    const named = fresh('named')
    const member = await visit({ identifier: named, identifier_hash: sign(named), email: named })
    expect(await contact(member.id)).toMatchObject({ email: named, addresses: [{ email: named, state: 'proven' }] })
  })

  test('gives a visitor no access after an agent merged the contacts', async () => {
    const victim = fresh('victim')
    const heard = await deliver(victim, service.inboxAddress, freshWords(), { From: `Jane Doe <${victim}>` })
    const owner = (await ask('GET', `/conversations/${String(heard.conversation_id)}`)).meta.sender
    await ask('PUT', `/contacts/${String(owner.id)}`, { phone_number: '+4791000001' })
    const visitor = await visit({ name: 'Mallory', email: victim })
    await say(visitor, freshWords())
    await ask('POST', '/actions/contact_merge', { base_contact_id: owner.id, mergee_contact_id: visitor.id })
    const evil = fresh('evil')
    const changed = await stranger('PATCH', visitor.here, {
      name: 'Renamed',
      email: evil,
      phone_number: '+4792222222',
      custom_attributes: { plan: 'gold' },
    })
    expect(changed.body).toMatchObject({ name: 'Renamed', email: evil, phone_number: '+4792222222' })
    expect(await contact(owner.id)).toMatchObject({
      name: 'Jane Doe',
      email: victim,
      phone_number: '+4791000001',
      custom_attributes: {},
    })
    for (const path of ['', '/conversations', `/conversations/${String(visitor.conversation)}/messages`]) {
      const { text } = await stranger('GET', `${visitor.here}${path}`)
      expect(text).not.toMatch(/Jane|\+4791/)
      expect(text).not.toContain(victim)
    }
    const reply = freshWords()
    await answer(heard.conversation_id!, reply)
    expect((await sentWith(reply)).recipients).toEqual([victim])
    const later = await deliver(victim, service.inboxAddress, freshWords())
    await answer(later.conversation_id!, `${reply}-again`)
    expect((await sentWith(`${reply}-again`)).recipients).toEqual([victim])
    // Nor by the proof of another identity: what was merged stays with its contact.
    const { hmac_token: secret } = await ask('GET', `/inboxes/${String(widget.id)}`)
    const identifier_hash = createHmac('sha256', secret).update('mallory').digest('hex')
    expect((await stranger('PATCH', visitor.here, { identifier: 'mallory', identifier_hash })).status).toBe(422)
    expect((await contact(owner.id)).identifier).toBeNull()
  })

  test(
    'receives answers of people and a link, nothing that the visitor wrote, and only a limited ' + 'number of mails',
    async () => {
      const victim = fresh('victim')
      const visitor = await visit({ name: 'Buy at evil.example', email: victim })
      const theirs = freshWords()
      await say(visitor, theirs)
      const [one, two, three] = [freshWords(), freshWords(), freshWords()]
      await answer(visitor.conversation, one)
      const sent = await sentWith(one)
      expect(sent.recipients).toEqual([victim])
      for (const part of [theirs, 'evil.example']) expect(JSON.stringify(sent)).not.toContain(part)
      await answer(visitor.conversation, two)
      await sentWith(two)
      // The limit is two a day, tags of the mailbox do not matter, and the agent learns why the third was not mailed.
      const tagged = await visit({ email: victim.replace('@', '+x@') })
      const last = await answer(tagged.conversation, three)
      const failed = await until('the third to be refused', async () =>
        (await service.messages(tagged.conversation)).find(
          ({ id, status }: any) => id === last.id && status === 'failed',
        ),
      )
      expect(failed.content_attributes['external_error']).toMatch(/daily limit/)
      expect((await service.outbox()).filter((file) => file.text.includes(three))).toEqual([])
    },
  )

  test('shows the visitor nothing that came by mail, until its owner opens the link', async () => {
    const jane = fresh('jane')
    const visitor = await visit({ name: 'Jane', email: jane })
    await say(visitor, 'Where is my order?')
    const asked = freshWords()
    await answer(visitor.conversation, asked)
    const sent = await sentWith(asked)
    const secret = freshWords()
    const heard = await deliver(jane, sent.address('Reply-To'), secret, { Subject: 'Re: Shop' })
    expect(heard).toMatchObject({ status: 'delivered', reason: 'reply-address', conversation_id: visitor.conversation })
    const confidential = freshWords()
    await answer(visitor.conversation, confidential)
    expect((await sentWith(confidential)).recipients).toEqual([jane])

    const hidden = await read(visitor)
    for (const words of [secret, confidential]) expect(hidden.text).not.toContain(words)
    expect(hidden.body.map(({ content }: any) => content)).toEqual([
      'Where is my order?',
      asked,
      expect.stringContaining('An answer arrived by mail'),
      expect.stringContaining('An answer was sent by mail'),
    ])
    const list = await stranger('GET', `${visitor.here}/conversations`)
    for (const words of [secret, confidential]) expect(list.text).not.toContain(words)
    // Nor what follows, whatever the visitor writes in between and the widget says to have seen: it is mailed.
    await say(visitor, 'Hello?')
    const after = freshWords()
    await answer(visitor.conversation, after)
    await stranger('POST', `${visitor.here}/conversations/${String(visitor.conversation)}/update_last_seen`, {})
    expect((await sentWith(after)).recipients).toEqual([jane])
    expect((await read(visitor)).text).not.toContain(after)

    const link = await linkTo(service, jane)
    // A scanner that opens the link proves nothing.
    expect((await fetch(link)).status).toBe(200)
    expect((await read(visitor)).text).not.toContain(secret)
    expect(await openLink(link)).toBe(200)
    const shown = await read(visitor)
    for (const words of [secret, confidential]) expect(shown.text).toContain(words)
    // The visitor and the author of the mail are one contact from now on.
    const { meta } = await ask('GET', `/conversations/${String(visitor.conversation)}`)
    expect(meta.sender).toMatchObject({ email: jane })
  })

  test(
    'that changed after our mail gets no answers to the mail of its former owner and no quotation ' + 'of it',
    async () => {
      const [victim, evil] = [fresh('victim'), fresh('evil')]
      const visitor = await visit({ email: victim })
      await say(visitor, freshWords())
      const asked = freshWords()
      await answer(visitor.conversation, asked)
      const sent = await sentWith(asked)
      await stranger('PATCH', visitor.here, { email: evil })
      // From another address of the victim's than the one that was named.
      const alias = fresh('alias')
      const secret = freshWords()
      await deliver(alias, sent.address('Reply-To'), secret)
      const confidential = freshWords()
      await answer(visitor.conversation, confidential)
      expect((await sentWith(confidential)).recipients).toEqual([alias])
      await say(visitor, 'Thanks')
      const more = freshWords()
      await answer(visitor.conversation, more)
      expect((await sentWith(more)).recipients).toEqual([alias])
      for (const file of await service.outbox())
        if (file.recipients.includes(evil))
          for (const words of [secret, confidential]) expect(file.text).not.toContain(words)
    },
  )

  test('hides the answers to a mail that was deleted', async () => {
    const jane = fresh('jane')
    const visitor = await visit({ email: jane })
    const asked = freshWords()
    await answer(visitor.conversation, asked)
    const heard = await deliver(jane, (await sentWith(asked)).address('Reply-To'), freshWords())
    const confidential = freshWords()
    await answer(visitor.conversation, confidential)
    await ask('DELETE', `/conversations/${String(visitor.conversation)}/messages/${String(heard.message_db_id)}`)
    expect((await read(visitor)).text).not.toContain(confidential)
  })

  test('gives a proven user of the site no access after a merge', async () => {
    const victim = fresh('victim')
    const { hmac_token: secret } = await ask('GET', `/inboxes/${String(widget.id)}`)
    const identifier = `mallory-${String(++count)}`
    const proof = { identifier, identifier_hash: createHmac('sha256', secret).update(identifier).digest('hex') }
    const heard = await deliver(victim, service.inboxAddress, freshWords(), { From: `Jane Doe <${victim}>` })
    const owner = (await ask('GET', `/conversations/${String(heard.conversation_id)}`)).meta.sender
    const mallory = await visit({ ...proof, email: victim })
    await ask('POST', '/actions/contact_merge', { base_contact_id: owner.id, mergee_contact_id: mallory.id })
    expect((await stranger('GET', mallory.here)).text).not.toMatch(/Jane/)
    await stranger('PATCH', mallory.here, { name: 'Owned' })
    expect((await contact(owner.id)).name).toBe('Jane Doe')
    // Nor by coming in anew, nor as the contact whom an agent writes to.
    expect((await visit(proof)).id).not.toBe(owner.id)
    const { payload } = await ask('GET', `/contacts/${String(owner.id)}/contactable_inboxes`)
    const key = mallory.here.split('/').at(-1)
    expect(payload.map((one: any) => one.source_id)).not.toContain(key)
  })

  test('is hidden from the live stream as well', async () => {
    const victim = fresh('victim')
    const visitor = await visit({ email: victim })
    const stop = new AbortController()
    const stream = await fetch(
      `${service.url}/public/api/v1/inboxes/${String(widget.website_token)}${visitor.here}/events`,
      { signal: stop.signal },
    )
    let text = ''
    const reading = (async () => {
      for await (const chunk of stream.body!) text += Buffer.from(chunk).toString('utf8')
    })().catch(() => undefined)
    const asked = freshWords()
    await answer(visitor.conversation, asked)
    const sent = await sentWith(asked)
    const secret = freshWords()
    await deliver(victim, sent.address('Reply-To'), secret)
    await until('the stream to say that mail came', () => Promise.resolve(text.includes('An answer arrived by mail')))
    expect(text).toContain(asked)
    expect(text).not.toContain(secret)
    stop.abort()
    await reading
  })
})
