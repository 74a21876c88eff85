// Contacts that were merged stay one: nothing of either is lost, and every address, number and identifier of either
// names the one that is left.

import { afterAll, expect, it } from 'vitest'

import { createTransferHandlers } from '../../../src/conversations/import/transfer-work.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'
import { doWork } from '../../support/work.ts'

describeWithDatabase('merged contacts', () => {
  const api = useApi()
  afterAll(async () => {})

  let count = 0
  const create = (json: object) => api.ask('POST', `${api.path}/contacts`, { json })
  const make = async (json: object): Promise<any> => (await create(json)).body.payload.contact
  const merge = async (base: { id: number }, mergee: { id: number }): Promise<any> =>
    (
      await api.ask('POST', `${api.path}/actions/contact_merge`, {
        json: { base_contact_id: base.id, mergee_contact_id: mergee.id },
      })
    ).body
  const person = (name: string) => {
    const n = String(++count).padStart(3, '0')
    return { name, email: `${name}${n}@one.example`, phone_number: `+47912340${n}`, identifier: `${name}-${n}` }
  }
  const filter = async (key: string, value: string) =>
    (
      await api.ask('POST', `${api.path}/contacts/filter`, {
        json: { payload: [{ attribute_key: key, filter_operator: 'equal_to', values: [value], query_operator: null }] },
      })
    ).body.payload.map(({ id }: { id: number }) => id)

  it('keep the attributes of both, at every depth; the base wins', async () => {
    const base = await make({
      ...person('base'),
      additional_attributes: { social_profiles: { github: 'base', twitter: '' }, city: 'Oslo' },
      custom_attributes: { plan: 'gold', nested: { a: { b: 1 }, list: [1] }, blank: null },
    })
    const other = await make({
      ...person('other'),
      additional_attributes: { social_profiles: { github: 'other', linkedin: 'in', twitter: 'tw' }, country: 'NO' },
      custom_attributes: { plan: 'tin', nested: { a: { c: 2 }, list: [2], d: 3 }, blank: 'x', false: false },
    })
    expect(await merge(base, other)).toMatchObject({
      additional_attributes: {
        social_profiles: { github: 'base', linkedin: 'in', twitter: 'tw' },
        city: 'Oslo',
        country: 'NO',
      },
      custom_attributes: { plan: 'gold', nested: { a: { b: 1, c: 2 }, list: [1], d: 3 }, blank: 'x', false: false },
    })
  })

  it('are found by every address, number and identifier, of merges of merges as well', async () => {
    const [one, two, three] = [person('one'), person('two'), person('three')]
    const [first, second, third] = [await make(one), await make(two), await make(three)]
    await merge(second, third)
    const merged = await merge(first, second)
    expect(merged).toMatchObject({ ...one, id: first.id })
    expect(merged.addresses.map(({ email }: { email: string }) => email).sort()).toEqual(
      [one, two, three].map(({ email }) => email).sort(),
    )
    expect([...merged.additional_phone_numbers].sort()).toEqual([two.phone_number, three.phone_number].sort())
    expect([...merged.additional_identifiers].sort()).toEqual([two.identifier, three.identifier].sort())
    for (const { email, phone_number: phone, identifier } of [one, two, three]) {
      for (const q of [email, phone, identifier]) {
        const found = await api.ask('GET', `${api.path}/contacts/search?q=${encodeURIComponent(q)}`)
        expect([q, found.body.payload.map(({ id }: { id: number }) => id)]).toEqual([q, [first.id]])
      }
      expect(await filter('email', email.toUpperCase())).toEqual([first.id])
      expect(await filter('phone_number', phone)).toEqual([first.id])
      expect(await filter('identifier', identifier)).toEqual([first.id])
    }
  })

  it('stay one: identifiers of either cannot be used for a new contact', async () => {
    const [one, two] = [person('ann'), person('bob')]
    await merge(await make(one), await make(two))
    for (const [field, name] of [
      ['email', 'Email'],
      ['phone_number', 'Phone number'],
      ['identifier', 'Identifier'],
    ] as const) {
      const again = await create({ name: 'Again', [field]: two[field] })
      expect([again.status, again.body.message]).toEqual([422, `${name} has already been taken`])
      const other = await make({ name: 'Other' })
      const changed = await api.ask('PATCH', `${api.path}/contacts/${String(other.id)}`, {
        json: { [field]: two[field] },
      })
      expect(changed.status).toBe(422)
    }
    const { rows } = await api.pool.query('select id from contacts where name = $1', ['Again'])
    expect(rows).toEqual([])
  })

  it.each(['email', 'phone_number', 'identifier'] as const)(
    'are updated by a row that names one by its %s',
    async (field) => {
      const [one, two] = [person('carl'), person('dora')]
      const base = await make(one)
      await merge(base, await make(two))
      const sent = await api.ask('POST', `${api.path}/contacts/import`, {
        raw: { body: `${field},tier\n${two[field]},gold\n`, type: 'text/csv' },
      })
      await doWork(api.pool, createTransferHandlers({ pool: api.pool, onDone: () => undefined }))
      expect((await api.ask('GET', sent.headers.get('location') ?? '')).body).toMatchObject({
        created_records: 0,
        changed_records: 1,
        refused_records: 0,
      })
      const { body } = await api.ask('GET', `${api.path}/contacts/${String(base.id)}`)
      expect(body.payload).toMatchObject({ ...one, custom_attributes: { tier: 'gold' } })
    },
  )

  it('release their addresses when the contact is deleted', async () => {
    const [one, two] = [person('eva'), person('finn')]
    const base = await make(one)
    await merge(base, await make(two))
    await api.ask('DELETE', `${api.path}/contacts/${String(base.id)}`)
    expect((await create(two)).status).toBe(200)
  })
})
