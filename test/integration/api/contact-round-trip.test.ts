// An export comes back: into the account that wrote it nothing changes, into another one every column finds its way
// back.

import { beforeAll, beforeEach, expect, it } from 'vitest'

import { createTransferHandlers } from '../../../src/conversations/import/transfer-work.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'
import { doWork } from '../../support/work.ts'

const all = [
  'id',
  'name',
  'email',
  'phone_number',
  'identifier',
  'company_name',
  'city',
  'country',
  'additional_emails',
  'additional_phone_numbers',
  'additional_identifiers',
  'labels',
  'additional_attributes.country_code',
  'additional_attributes.social_profiles',
  'City',
  'phone',
  'note',
  'score',
  'tags',
  'blocked',
  'created_at',
  'last_activity_at',
]
const untouched = { created_records: 0, changed_records: 0, refused_records: 0 }

describeWithDatabase('an export that is imported again', () => {
  const api = useApi()
  let other: { path: string; token: string }
  beforeAll(async () => {
    const { rows } = await api.pool.query<{ id: number }>(`insert into accounts (name) values ('Other') returning id`)
    await api.pool.query(`insert into account_users (account_id, user_id, role) values ($1, $2, 'administrator')`, [
      rows[0]?.id,
      api.administrator.id,
    ])
    other = { path: `/api/v1/accounts/${String(rows[0]?.id)}`, token: api.administrator.token }
    for (const [name, columns] of contacts)
      await api.pool.query(
        `insert into contacts (account_id, name, ${Object.keys(columns).join(', ')})
         values ($1, $2, ${Object.keys(columns)
           .map((_, place) => `$${String(place + 3)}`)
           .join(', ')})`,
        [api.accountId, name, ...Object.values(columns)],
      )
  })
  beforeEach(() => api.pool.query('delete from contacts where account_id <> $1', [api.accountId]))

  const contacts: readonly (readonly [name: string, columns: Readonly<Record<string, unknown>>])[] = [
    [
      'Ann\u00a0Berg',
      {
        email: 'ann@one.example',
        phone_number: '+4791000001',
        identifier: 'a,"1"',
        additional_emails: ['ann@two.example', 'ann@three.example'],
        additional_phone_numbers: ['+4791000002', '+4791000003'],
        additional_identifiers: ['b, 2', '=c', 'd'],
        labels: ['vip', 'a,b', 'say "hi"'],
        additional_attributes: {
          company_name: '=Acme',
          city: ' Köln ',
          country: 'Norway',
          country_code: 'NO',
          social_profiles: { github: 'ann', more: ['x', 1] },
        },
        custom_attributes: {
          City: 'Bergen',
          phone: 'red',
          note: 'two\nlines',
          score: 4.5,
          tags: ['a', 2],
          secret: 'x',
        },
      },
    ],
    ['Long', { email: 'long@one.example', custom_attributes: { note: 'x'.repeat(40_000) } }],
    ['Blank', { email: 'blank@one.example', custom_attributes: { note: '  ', score: true } }],
    ['Known by further ones only', { additional_emails: ['far@one.example'], additional_identifiers: ['far'] }],
    ['Only a name', { custom_attributes: { note: 'kept' } }],
    ['Only a name', { labels: [] }],
    ['', { additional_attributes: { city: 'Oslo' } }],
    ['Visitor', { identifier: 'claimed-1', additional_attributes: { claimed_identifier: 'claimed-1' } }],
    ['No name\u200b', { identifier: '0012' }],
  ]

  const work = () => doWork(api.pool, createTransferHandlers({ pool: api.pool, onDone: () => undefined }))
  const importFile = async (path: string, csv: string | Uint8Array) => {
    const sent = await api.ask('POST', `${path}/contacts/import`, { raw: { body: csv, type: 'text/csv' } })
    await work()
    const place = sent.headers.get('location') ?? ''
    return {
      progress: (await api.ask('GET', place)).body,
      refused: (await api.ask('GET', `${place}/refused.csv`)).text,
    }
  }
  const exportFrom = async (path: string, columns?: readonly string[]) => {
    await api.ask('POST', `${path}/contacts/export`, { json: columns === undefined ? {} : { column_names: columns } })
    await work()
    const [{ download_url: url }] = (await api.ask('GET', `${path}/contacts/imports`)).body
    const file = await fetch(`${api.origin}${new URL(url).pathname}`)
    return Buffer.from(await file.arrayBuffer()).toString('utf8')
  }
  const stored = async () =>
    (
      await api.pool.query(`select to_jsonb(k) as row from contacts k where account_id = $1 order by id`, [
        api.accountId,
      ])
    ).rows
  const withoutIds = (csv: string) =>
    csv.replace(/^\d+,/gm, '0,').replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?[+-]\d\d/g, 'time')

  it.each<[string, readonly string[] | undefined]>([
    ['all columns', all],
    ['the usual columns', undefined],
    ['chosen columns', ['email', 'identifier', 'city', 'country', 'company_name', 'score', 'created_at', 'id']],
    ['times and what is blocked', ['email', 'additional_identifiers', 'blocked', 'created_at', 'last_activity_at']],
  ])('with %s changes nothing in its own account', async (kind, columns) => {
    const before = await stored()
    const file = await exportFrom(api.path, columns)
    const { progress } = await importFile(api.path, file)
    if (kind === 'all columns' || kind === 'the usual columns') expect(progress).toMatchObject(untouched)
    expect(progress).toMatchObject({ created_records: 0, changed_records: 0 })
    expect(await stored()).toEqual(before)
  })

  it.each<[string, readonly string[] | undefined]>([
    ['all columns', all],
    ['the usual columns', undefined],
  ])(
    'with %s creates the same contacts in another account, whose export has the same bytes',
    async (_kind, columns) => {
      const file = await exportFrom(api.path, columns)
      expect((await importFile(other.path, file)).progress).toMatchObject({
        created_records: contacts.length,
        refused_records: 0,
      })
      const again = await exportFrom(other.path, columns)
      expect(withoutIds(again)).toBe(withoutIds(file))
      expect((await importFile(other.path, again)).progress).toMatchObject(untouched)
    },
  )

  it('restores values to their fields, lists and objects included', async () => {
    await importFile(other.path, await exportFrom(api.path, all))
    const found = await api.ask('GET', `${other.path}/contacts/search?q=ann@three.example`)
    expect(found.body.payload[0].additional_attributes).toEqual(contacts[0]?.[1]['additional_attributes'])
    const { rows } = await api.pool.query(
      `select additional_emails, additional_identifiers, labels, custom_attributes
       from contacts
       where account_id <> $1 and email = 'ann@one.example'`,
      [api.accountId],
    )
    expect(rows).toMatchObject([
      {
        additional_emails: ['ann@two.example', 'ann@three.example'],
        additional_identifiers: ['b, 2', '=c', 'd'],
        labels: ['vip', 'a,b', 'say "hi"'],
        custom_attributes: { City: 'Bergen', phone: 'red', note: 'two\nlines', score: '4.5', tags: '["a", 2]' },
      },
    ])
  })

  it('finds a contact by further addresses, numbers and identifiers, which no other contact can have', async () => {
    const header = 'name,email,additional_emails,additional_phone_numbers,additional_identifiers\n'
    const first = await importFile(
      other.path,
      `${header}Cy,cy@one.example,"CY@two.example, cy@one.example","0047 91000009",c-2\n`,
    )
    expect(first.progress).toMatchObject({ created_records: 1 })
    for (const json of [{ email: 'cy@two.example' }, { phone_number: '+4791000009' }, { identifier: 'c-2' }])
      expect(await api.ask('POST', `${other.path}/contacts`, { json })).toMatchObject({ status: 422 })
    const second = await importFile(other.path, 'name,email\nCyrus,cy@two.example\n')
    expect(second.progress).toMatchObject({ created_records: 0, changed_records: 1 })
    const third = await importFile(
      other.path,
      `${header}Di,di@one.example,cy@two.example,,\nEd,ed@one.example,no address,12,\nFi,fi@one.example,,,"x, c-2"\n`,
    )
    expect(third.progress).toMatchObject({ created_records: 0, refused_records: 3 })
    expect(third.refused).toContain('Additional email cy@two.example has already been taken')
    expect(third.refused).toContain('Additional emails: no address Invalid email')
    expect(third.refused).toContain('Additional identifier c-2 has already been taken')
  })

  it('the file of refused rows opens in spreadsheets, and its corrected rows are imported', async () => {
    const sent = 'name,email,=plan\nØ,no address,gold\nBo,bo@one.example,\n"Di, A",di@one.example,x,y\n'
    const { progress, refused } = await importFile(other.path, sent)
    expect(progress).toMatchObject({ created_records: 1, refused_records: 2 })
    expect(refused).toMatch(/^\ufeffname,email,'=plan,row,errors\r\nØ,no address,gold,1,Line 2: /)
    const again = await importFile(other.path, refused)
    expect(again.progress).toMatchObject({ created_records: 1, refused_records: 1 })
    expect(again.refused).toMatch(/^\ufeffname,email,'=plan,row,errors\r\nØ,no address,gold,1,Line 2: [^,\n]*\r\n$/)
    const corrected = again.refused.replace('no address', 'oe@one.example')
    expect((await importFile(other.path, corrected)).progress).toMatchObject({ created_records: 1, refused_records: 0 })
    const { rows } = await api.pool.query(
      `
        select name, custom_attributes
        from contacts
        where account_id <> $1 and email <> 'bo@one.example'
        order by email
      `,
      [api.accountId],
    )
    expect(rows).toEqual([
      { name: 'Di, A', custom_attributes: { '=plan': 'x' } },
      { name: 'Ø', custom_attributes: { '=plan': 'gold' } },
    ])
  })
})
