// Letters and numbers as people write them: any case, any accents, composed or not; phone numbers in any usual
// spelling.

import { beforeAll, expect, it } from 'vitest'

import { followWords } from '../../../src/conversations/matching/follow-words.ts'
import { announce } from '../../../src/events/announce.ts'
import { createConversation } from '../../support/api.ts'
import { describeOnEitherDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'

interface Named {
  readonly id: number
  readonly name: string
}

describeOnEitherDatabase('letters, case and accents', (member) => {
  const api = useApi({ on: member })
  let displayId: number
  beforeAll(async () => {
    const conversation = await createConversation(api.pool, { ...api, email: 'k@customer.example' })
    displayId = conversation.displayId
    for (const [model, key] of [
      ['contact_attribute', 'town'],
      ['conversation_attribute', 'topic'],
    ])
      await api.pool.query(
        `insert into custom_attribute_definitions (account_id, attribute_model, attribute_key, attribute_display_name)
         values ($1, $2, $3, $3)`,
        [api.accountId, model, key],
      )
    for (const name of names) await contact({ name })
    await contact({ name: 'Nils Number', phone_number: '+4791234567' })
    await contact({ name: 'Town Hall', custom_attributes: { town: 'Ålesund' } })
  })

  const names = [
    'Østergård',
    'Müller',
    'ИВАНОВА',
    'Émile',
    'ΣΟΦΙΑΣ',
    'Straßer',
    'Nguyễn',
    'İpek',
    'José'.normalize('NFD'),
  ]
  const contact = async (json: object) => (await api.ask('POST', `${api.path}/contacts`, { json })).body.payload.contact
  const get = async (path: string) => (await api.ask('GET', `${api.path}${path}`)).body
  const filter = async (what: string, key: string, operator: string, value: string) =>
    (
      await api.ask('POST', `${api.path}/${what}/filter`, {
        json: { payload: [{ attribute_key: key, filter_operator: operator, values: [value], query_operator: null }] },
      })
    ).body.payload as Named[]
  const composed = (rows: readonly Named[]) => rows.map(({ name }) => name.normalize('NFC'))

  it.each([
    ['østergård', 'Østergård'],
    ['OSTERGARD', 'Østergård'],
    ['Østergård', 'Østergård'],
    ['MÜLLER', 'Müller'],
    ['muller', 'Müller'],
    ['mu\u0308ller', 'Müller'],
    ['Иванова', 'ИВАНОВА'],
    ['émile', 'Émile'],
    ['EMILE', 'Émile'],
    ['σοφιας', 'ΣΟΦΙΑΣ'],
    ['strasser', 'Straßer'],
    ['STRASSER', 'Straßer'],
    ['nguyen', 'Nguyễn'],
    ['ipek', 'İpek'],
    ['josé', 'José'],
    ['jose', 'José'],
    ['ｍｕｌｌｅｒ', 'Müller'],
  ])('%s finds %s, wherever contacts are looked for', async (asked, name) => {
    const q = encodeURIComponent(asked)
    expect(composed((await get(`/contacts/search?q=${q}`)).payload)).toEqual([name])
    expect(composed((await get(`/search/contacts?q=${q}`)).payload.contacts)).toEqual([name])
    for (const operator of ['contains', 'starts_with', 'equal_to'])
      expect(composed(await filter('contacts', 'name', operator, asked))).toEqual([name])
  })

  it('pattern characters are literal in every width', async () => {
    for (const asked of ['％', '＿', '＼', '＇', 'Ø％'])
      for (const path of ['/contacts/search?q=', '/search/contacts?q=', '/search/messages?q=', '/conversations?q=']) {
        const { status } = await api.ask('GET', `${api.path}${path}${encodeURIComponent(asked)}`)
        expect([path, status]).toEqual([path, 200])
      }
    expect(await filter('contacts', 'name', 'contains', '％')).toEqual([])
  })

  it('custom attributes, subjects and labels are found by any case and form of their letters', async () => {
    expect(composed(await filter('contacts', 'town', 'equal_to', 'ÅLESUND'))).toEqual(['Town Hall'])
    expect(composed(await filter('contacts', 'town', 'contains', 'alesu'))).toEqual(['Town Hall'])
    const path = `${api.path}/conversations/${String(displayId)}`
    await api.ask('POST', `${path}/custom_attributes`, { json: { custom_attributes: { topic: 'Gebühr' } } })
    await api.pool.query(
      `update conversations set additional_attributes = '{"mail_subject": "Rückgabe ИВАНОВА"}' where display_id = $1`,
      [displayId],
    )
    await api.ask('POST', `${path}/labels`, { json: { labels: ['Größe'.normalize('NFD')] } })
    for (const [key, operator, value] of [
      ['topic', 'equal_to', 'GEBÜHR'],
      ['mail_subject', 'contains', 'rückgabe иванова'],
      ['labels', 'equal_to', 'größe'],
    ] as const)
      expect((await filter('conversations', key, operator, value)).map(({ id }) => id)).toEqual([displayId])
  })

  it('names and texts are stored composed (NFC)', async () => {
    const made = await contact({ name: 'Ame\u0301lie', custom_attributes: { 'ge\u0301nre': 'a\u0308' } })
    expect([made.name, made.custom_attributes]).toEqual(['Amélie', { génre: 'ä' }])
    const { body } = await api.ask('POST', `${api.path}/conversations/${String(displayId)}/messages`, {
      json: { content: 'Cafe\u0301\nu\u0308ber', private: true },
    })
    expect(body.content).toBe('Café\nüber')
  })

  it('the words of messages are found, before and after they are indexed', async () => {
    await api.ask('POST', `${api.path}/conversations/${String(displayId)}/messages`, {
      json: { content: 'ÄRZTEKAMMER Тарелка Straße', private: true },
    })
    const find = async (q: string) => ({
      messages: (await get(`/search/messages?q=${encodeURIComponent(q)}`)).payload.messages.length as number,
      conversations: (await get(`/conversations?q=${encodeURIComponent(q)}`)).data.payload.length as number,
    })
    for (const write of [() => Promise.resolve(0), () => announceAll().then(() => followWords(api.pool))]) {
      await write()
      for (const q of ['ärztekammer', 'arztek', 'тарелка', 'ТАРЕЛ', 'STRASSE', 'straße', 'a\u0308rztekammer'])
        expect([q, await find(q)]).toEqual([q, { messages: 1, conversations: 1 }])
    }
  })
  const announceAll = async () => {
    while ((await announce(api.pool)).count > 0);
  }

  it.each([
    '+47 91 23 45 67',
    '0047 91234567',
    '(047) 91-23-45-67',
    '47 91.23.45.67',
    '+47 (0)91 23 45 67',
    'tel:+4791234567',
    '＋４７ 91234567',
  ])('the phone number %s is found', async (asked) => {
    const q = encodeURIComponent(asked)
    expect(composed((await get(`/contacts/search?q=${q}`)).payload)).toEqual(['Nils Number'])
    expect(composed((await get(`/search/contacts?q=${q}`)).payload.contacts)).toEqual(['Nils Number'])
    for (const operator of ['equal_to', 'contains', 'starts_with'])
      expect(composed(await filter('contacts', 'phone_number', operator, asked))).toEqual(['Nils Number'])
    const others = await filter('contacts', 'phone_number', 'not_equal_to', asked)
    expect(composed(others)).not.toContain('Nils Number')
  })

  it('names sort by their letters, whatever the case and accents', async () => {
    const { payload } = await get('/contacts/search?q=%40sort.example&sort=name')
    expect(payload).toEqual([])
    for (const name of ['Zoë', 'Ärger', 'anna', 'Östen', 'Oskar'])
      await contact({ name, email: `${String(Math.random())}@sort.example` })
    const sorted = (await get('/contacts/search?q=%40sort.example&sort=name')).payload as Named[]
    expect(composed(sorted)).toEqual(['anna', 'Ärger', 'Oskar', 'Östen', 'Zoë'])
  })

  it('a search of contacts reads the index', async () => {
    const client = await api.pool.connect()
    try {
      await client.query('begin')
      await client.query('set local enable_seqscan = off')
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `explain select id from contacts where search_text like fold('%Müll%') or search_text like '%4791%'`,
      )
      expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('contacts_search_text_idx')
    } finally {
      await client.query('rollback')
      client.release()
    }
  })
})
