import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'

import { followWords } from '../../../src/conversations/matching/follow-words.ts'
import { announce } from '../../../src/events/announce.ts'
import { createAccount, createConversation, createInbox } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'

describeWithDatabase('search', () => {
  const api = useApi()
  let there: Awaited<ReturnType<typeof createConversation>>
  let hidden: typeof there
  beforeAll(async () => {
    there = await createConversation(api.pool, { ...api, email: 'rita@customer.example' })
    await api.pool.query(
      `
        update contacts
        set
          name = 'Rita Rich',
          phone_number = '+491701234567',
          identifier = 'crm-77',
          additional_emails = '{rr@second.example}'
        where id = $1
      `,
      [there.contactId],
    )
    hidden = await createConversation(api.pool, {
      accountId: api.accountId,
      inboxId: await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'Hidden' }),
    })
    await say(there.displayId, 'The parcel from Hamburg is broken, write to boss@firm.example')
    await say(hidden.displayId, 'The parcel for nobody')
  })

  const say = async (displayId: number, content: string) =>
    (await api.ask('POST', `${api.path}/conversations/${String(displayId)}/messages`, { json: { content } })).body
  const search = async (what: string, q: string, token = api.administrator.token) =>
    (await api.ask('GET', `${api.path}/search${what}?q=${encodeURIComponent(q)}`, { token })).body.payload
  const words = async (q: string) =>
    (await search('/messages', q)).messages.map((message: { content: string }) => message.content)
  const follow = async () => {
    while ((await announce(api.pool)).count > 0);
    return followWords(api.pool)
  }

  it.each([
    ['before its words are written', () => Promise.resolve()],
    ['after', follow],
  ])('a message is found by its words %s', async (_when, first) => {
    await first()
    for (const q of ['parcel', 'PARCEL hamburg', 'hamburg broken parc', 'ham', 'boss@firm.example'])
      expect(await words(q)).toContain('The parcel from Hamburg is broken, write to boss@firm.example')
    for (const q of ['hamburg elephant', 'arcel', '', '%', `' | 'x`, ':*', '\\']) expect(await words(q)).toEqual([])
  })

  it('later messages are found as well, once', async () => {
    await follow()
    await say(there.displayId, 'A zeppelin over the parcel')
    expect(await words('zepp')).toEqual(['A zeppelin over the parcel'])
    const found = (await api.ask('GET', `${api.path}/search/messages?q=parcel%20zepp`)).body.payload.messages
    expect(found[0]?.highlight).toEqual({
      text: 'A zeppelin over the parcel',
      matches: [
        [2, 10],
        [20, 26],
      ],
    })
    await follow()
    expect(await words('zepp')).toEqual(['A zeppelin over the parcel'])
    expect(await follow()).toBe(0)
  })

  it('a deleted message is not found any more', async () => {
    const { id } = await say(there.displayId, 'A secret xylophone')
    await follow()
    expect(await words('xylophone')).toHaveLength(1)
    await api.ask('DELETE', `${api.path}/conversations/${String(there.displayId)}/messages/${String(id)}`)
    await follow()
    expect(await words('xylophone')).toEqual([])
  })

  it('contacts and conversations are found by each of their names and ids', async () => {
    for (const q of ['rita', 'RITA@customer', 'second.example', '0123', 'crm-7']) {
      const payload = await search('', q)
      expect(payload.contacts.map((contact: { id: number }) => contact.id)).toEqual([there.contactId])
      expect(payload.conversations).toMatchObject([
        {
          id: there.displayId,
          contact: { id: there.contactId, name: 'Rita Rich' },
          inbox: { id: api.inboxId, channel_type: 'Channel::Email' },
          account_id: api.accountId,
        },
      ])
    }
    expect(
      (await search('/conversations', String(there.displayId))).conversations.map((row: { id: number }) => row.id),
    ).toContain(there.displayId)
    expect(await search('', '')).toEqual({ conversations: [], contacts: [], messages: [] })
  })

  it('the list of conversations is searched, whatever their status', async () => {
    await api.ask('POST', `${api.path}/conversations/${String(there.displayId)}/toggle_status`, {
      json: { status: 'resolved' },
    })
    for (const path of ['/conversations/search?q=hamburg', '/conversations?q=hamburg']) {
      const { body } = await api.ask('GET', `${api.path}${path}`)
      expect((body.data ?? body).payload.map((row: { id: number }) => row.id)).toEqual([there.displayId])
    }
    expect((await api.ask('GET', `${api.path}/conversations/search?q=%25`)).body.payload).toEqual([])
  })

  it('an agent finds only accessible records, another account none', async () => {
    expect(
      (await search('/messages', 'parcel', api.agent.token)).messages.map(
        (message: { content: string }) => message.content,
      ),
    ).not.toContain('The parcel for nobody')
    expect(await words('parcel')).toContain('The parcel for nobody')
    const other = await createAccount(api.pool, 'Other')
    await api.pool.query(`insert into account_users (account_id, user_id, role) values ($1, $2, 'administrator')`, [
      other,
      api.administrator.id,
    ])
    expect((await api.ask('GET', `/api/v1/accounts/${String(other)}/search?q=parcel`)).body.payload).toEqual({
      conversations: [],
      contacts: [],
      messages: [],
    })
  })

  it('any text has a result', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...`a'\\:*&|!<->() "%_é😀\0`) })),
        async (q) => {
          const text = encodeURIComponent(q.toWellFormed())
          const answers = await Promise.all(
            [`search?q=${text}`, `conversations?q=${text}`].map((path) => api.ask('GET', `${api.path}/${path}`)),
          )
          expect(answers.map((answer) => answer.status)).toEqual([200, 200])
        },
      ),
      { numRuns: 100 },
    )
  })
})
