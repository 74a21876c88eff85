// Contacts as CSV (docs/reference/chatwoot-compatibility.md, "Contacts as CSV"): found by identifier, email, phone
// number; unknown columns kept; refused rows reported; progress progress.

import { request } from 'node:http'

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { sweepTransfers } from '../../../src/conversations/import/purge-transfers.ts'
import { createTransferHandlers } from '../../../src/conversations/import/transfer-work.ts'
import { type Answer, startApi, type TestApi } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { until } from '../../support/until.ts'
import { doWork } from '../../support/work.ts'

describeWithDatabase('an import of contacts', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await startApi()
  })
  beforeEach(() => api.pool.query('delete from contacts'))
  afterAll(() => api.stop())

  const send = async (csv: string | Uint8Array): Promise<Answer> => {
    const multipart = new FormData()
    multipart.append('import_file', new Blob([csv], { type: 'text/csv' }), 'contacts.csv')
    return api.ask('POST', `${api.path}/contacts/import`, { multipart })
  }
  const work = () => doWork(api.pool, createTransferHandlers({ pool: api.pool, onDone: () => undefined }))
  const importAll = async (csv: string | Uint8Array): Promise<any> => {
    const answer = await send(csv)
    expect([answer.status, answer.text]).toEqual([200, ''])
    await work()
    return (await api.ask('GET', answer.headers.get('location')!)).body
  }
  const search = async (q: string): Promise<any[]> =>
    (await api.ask('GET', `${api.path}/contacts/search?q=${encodeURIComponent(q)}`)).body.payload

  it('creates contacts of its rows, with unknown columns as custom attributes', async () => {
    const progress = await importAll(
      'name,email,phone_number,identifier,company,city,Plan\nClara,CLARA@one.example,15551230000,c-1,Acme,' +
        'Oslo,gold\nBen,ben@one.example,,,,,\n',
    )
    expect(progress).toMatchObject({
      direction: 'import',
      status: 'completed',
      total_records: 2,
      processed_records: 2,
      created_records: 2,
      changed_records: 0,
      refused_records: 0,
      error: null,
    })
    const [clara] = await search('clara@one.example')
    expect(clara).toMatchObject({
      name: 'Clara',
      email: 'clara@one.example',
      phone_number: '+15551230000',
      identifier: 'c-1',
      additional_attributes: { company_name: 'Acme', city: 'Oslo' },
    })
    expect(clara.custom_attributes).toEqual({ company: 'Acme', city: 'Oslo', Plan: 'gold' })
  })

  it('finds the contact of a row by identifier, then email, then phone number, and merges', async () => {
    const contact = async (json: object) =>
      (await api.ask('POST', `${api.path}/contacts`, { json })).body.payload.contact.id
    const byIdentifier = await contact({
      name: 'Old',
      identifier: 'x-1',
      email: 'old@one.example',
      custom_attributes: { kept: 'yes' },
    })
    const byEmail = await contact({ name: 'Mail', email: 'mail@one.example' })
    const byPhone = await contact({ name: 'Phone', phone_number: '+15550001111' })
    const progress = await importAll(
      'identifier,email,phone_number,name,tier\nx-1,new@one.example,,New,1\n,mail@one.example,+15550002222,' +
        ',2\n,,+1 (555) 000-1111,Ring,3\n',
    )
    expect(progress).toMatchObject({ created_records: 0, changed_records: 3, refused_records: 0 })
    const show = async (id: number) => (await api.ask('GET', `${api.path}/contacts/${String(id)}`)).body.payload
    expect(await show(byIdentifier)).toMatchObject({
      name: 'New',
      email: 'new@one.example',
      custom_attributes: { kept: 'yes', tier: '1' },
    })
    expect(await show(byEmail)).toMatchObject({
      name: 'Mail',
      phone_number: '+15550002222',
      custom_attributes: { tier: '2' },
    })
    expect(await show(byPhone)).toMatchObject({ name: 'Ring', custom_attributes: { tier: '3' } })
  })

  it('two rows of one person create one contact', async () => {
    const progress = await importAll('name,email,phone_number\nA,same@one.example,\nB,same@one.example,+15551110000\n')
    expect(progress).toMatchObject({ created_records: 1, processed_records: 2, refused_records: 0 })
    expect(await search('same@one.example')).toMatchObject([{ name: 'B', phone_number: '+15551110000' }])
  })

  it('reports each refused row with its reasons, and imports the others', async () => {
    await api.ask('POST', `${api.path}/contacts`, { json: { email: 'taken@one.example' } })
    await api.ask('POST', `${api.path}/contacts`, { json: { identifier: 'mine', email: 'mine@one.example' } })
    const answer = await send(
      'name,email,identifier,phone_number\nOk,ok@one.example,,\n"Smith, Jo",no ' +
        'address,,\nX,taken@one.example,mine,\nY,,,ring me\n,,,\nLast,last@one.example,,\n',
    )
    await work()
    const at = answer.headers.get('location')!
    expect((await api.ask('GET', at)).body).toMatchObject({
      status: 'completed',
      total_records: 6,
      created_records: 2,
      refused_records: 4,
    })
    const report = await api.ask('GET', `${at}/refused.csv`)
    expect(report.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(report.text.split('\r\n')).toEqual([
      '\ufeffname,email,identifier,phone_number,row,errors',
      '"Smith, Jo",no address,,,2,Line 3: Email Invalid email',
      'X,taken@one.example,mine,,3,Line 4: Email has already been taken',
      'Y,,,ring me,4,Line 5: Phone number should be in e164 format',
      ',,,,5,Line 6: Row is empty',
      '',
    ])
  })

  it('a row that would make a contact too large is refused, the next is not', async () => {
    const wide = Array.from({ length: 8 }, (_, n) => `w${String(n)}`)
    const row = (email: string, length: number) => [email, ...wide.map(() => 'x'.repeat(length))].join(',')
    const progress = await importAll(
      `email,${wide.join(',')}\n${row('much@one.example', 9_000)}\n${row('fine@one.example', 8_000)}\n`,
    )
    expect(progress).toMatchObject({ status: 'completed', created_records: 1, refused_records: 1 })
    expect([(await search('much@one.example')).length, (await search('fine@one.example')).length]).toEqual([0, 1])
  })

  it.each([
    ['semicolons', 'name;email\nZoë;zoe@one.example\n', 'Zoë'],
    ['tabs', 'name\temail\nZoë\tzoe@one.example\n', 'Zoë'],
    ['a byte order mark', '\ufeffname,email\nZoë,zoe@one.example\n', 'Zoë'],
    ['CRLF and quotes', '"name","email"\r\n"Zoë ""Z""","zoe@one.example"\r\n', 'Zoë "Z"'],
    ['Windows-1252', Buffer.from('name,email\nZo\u00eb,zoe@one.example\n', 'latin1'), 'Zoë'],
    ['names of columns as people write them', 'Name,E-Mail\nZoë,zoe@one.example\n', 'Zoë'],
    ['no line end at the end', 'name,email\nZoë,zoe@one.example', 'Zoë'],
    ['NUL', 'name,email\nZo\0ë,zoe@one.example', 'Zoë'],
  ])('reads %s', async (_kind, csv, name) => {
    expect(await importAll(csv as string)).toMatchObject({ created_records: 1, refused_records: 0 })
    expect(await search('zoe@one.example')).toMatchObject([{ name }])
  })

  it('a file that is not CSV fails with its line, and nothing of it is imported', async () => {
    const progress = await importAll('name,email\nOk,ok@one.example\n"Broken,broken@one.example\n')
    expect(progress).toMatchObject({ status: 'failed', created_records: 0, processed_records: 0 })
    expect(progress.error).toMatch(/^The file is not a valid CSV: .*3.*Nothing of it was imported\.$/)
    expect(await search('ok@one.example')).toEqual([])
  })

  it('an interrupted import continues where it was, once per row', async () => {
    const rows = Array.from({ length: 2_500 }, (_, n) => `P${String(n)},p${String(n)}@one.example`)
    const answer = await send(`name,email\n${rows.join('\n')}\n`)
    // As a process leaves it that was killed after its first batch.
    await api.pool.query(
      `
        update data_transfers
        set processed_records = 1000, created_records = 1000, status = $1::transfer_status
        where status = $2::transfer_status
      `,
      ['processing', 'pending'],
    )
    await work()
    expect((await api.ask('GET', answer.headers.get('location')!)).body).toMatchObject({
      status: 'completed',
      total_records: 2_500,
      processed_records: 2_500,
      created_records: 2_500,
    })
    expect(
      (await api.pool.query('select count(*)::int as n from contacts where email like $1', ['p%@one.example'])).rows,
    ).toEqual([{ n: 1_500 }])
  })

  it('without a file is refused', async () => {
    const multipart = new FormData()
    multipart.append('other', 'x')
    expect(await api.ask('POST', `${api.path}/contacts/import`, { multipart })).toMatchObject({
      status: 422,
      body: { error: 'File is blank' },
    })
    expect((await api.ask('POST', `${api.path}/contacts/import`, { json: {} })).body).toEqual({
      error: 'File is blank',
    })
  })

  describe('with an incomplete form is refused, and the service continues', () => {
    const part = (name: string, content: string) =>
      `--x\r\nContent-Disposition: form-data; name="${name}"; filename="a.csv"\r\nContent-Type: ` +
      `text/csv\r\n\r\n${content}`
    const refused = { status: 422, body: { error: 'The form is malformed or incomplete' } }
    it.each([
      ['in another part', part('other', 'name\nA')],
      ['in its part, before anybody reads', part('import_file', 'name,email\nA,a@one.example')],
      ['in its part, while it is read', part('import_file', `name,email\n${'A,a@one.example\n'.repeat(200_000)}`)],
      [
        'in a second part of that name',
        `${part('import_file', 'name,email\nA,a@one.example')}\r\n${part('import_file', 'name')}`,
      ],
    ])('%s', async (_where, body) => {
      expect(
        await api.ask('POST', `${api.path}/contacts/import`, {
          raw: { body, type: 'multipart/form-data; boundary=x' },
        }),
      ).toMatchObject(refused)
    })

    it.each([
      [
        'the form',
        'multipart/form-data; boundary=x',
        part('import_file', `name,email\n${'A,a@one.example\n'.repeat(50_000)}`),
      ],
      ['another part', 'multipart/form-data; boundary=x', part('other', 'name')],
      ['the file', 'text/csv', `name,email\n${'A,a@one.example\n'.repeat(50_000)}`],
    ])('by a client that disconnects in the middle of %s', async (_what, type, body) => {
      const headers = { api_access_token: api.administrator.token, 'content-type': type, 'content-length': '10000000' }
      const asking = request(`${api.origin}${api.path}/contacts/import`, { method: 'POST', headers }).on(
        'error',
        () => undefined,
      )
      await new Promise((resolve) => asking.write(body, resolve))
      const port = asking.socket?.localPort
      await until('the server reads', () => (api.isConnected(port) ? true : null))
      asking.destroy()
      await until('the end of the connection', () => (api.isConnected(port) ? null : true))
      expect((await api.ask('GET', `${api.path}/contacts/imports`)).status).toBe(200)
    })

    it('nothing of it is imported', async () => {
      await work()
      expect(await search('a@one.example')).toEqual([])
    })
  })

  describe('while a file is being sent', () => {
    const csv = (name: string) =>
      `name,email\n${Array.from({ length: 40_000 }, (_, n) => `${name},${name}${String(n)}@one.example`).join('\n')}\n`
    const begin = async (name: string) => {
      const [half, rest] = [csv(name).slice(0, 700_000), csv(name).slice(700_000)]
      const headers = { api_access_token: api.administrator.token, 'content-type': 'text/csv' }
      const asking = request(`${api.origin}${api.path}/contacts/import`, { method: 'POST', headers })
      const answered = new Promise<number>((resolve) =>
        asking
          .on('error', () => undefined)
          .on('response', (answer) => {
            resolve(answer.resume().statusCode ?? 0)
          }),
      )
      asking.write(half)
      const listed = async () =>
        (await api.ask('GET', `${api.path}/contacts/imports`)).body.filter((one: any) => one.status === 'uploading')
          .length
      return { listed, leave: () => asking.destroy(), finish: () => (asking.end(rest), answered) }
    }

    it('no transaction waits for the client, and a third upload is refused until one has arrived', async () => {
      const one = await begin('one')
      await until('the first', async () => ((await one.listed()) === 1 ? true : null))
      const two = await begin('two')
      await until('the second', async () => ((await one.listed()) === 2 ? true : null))
      await until(
        'no transaction is open',
        async () =>
          (
            await api.pool.query(
              `select 1 from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`,
            )
          ).rowCount === 0,
      )
      const third = await api.ask('POST', `${api.path}/contacts/import`, {
        raw: { body: 'name,email\nA,third@one.example\n', type: 'text/csv' },
      })
      expect(third).toMatchObject({
        status: 429,
        body: { error: 'Too many imports are being uploaded, try again when one has finished' },
      })
      expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(await one.finish()).toBe(200)
      two.leave()
      await until('the end of the second', async () => ((await one.listed()) === 0 ? true : null))
      expect(await importAll('name,email\nA,third@one.example\n')).toMatchObject({ created_records: 1 })
      expect(
        (
          await api.pool.query(
            `
              select
                count(*) filter (where email like 'one%')::int as whole,
                count(*) filter (where email like 'two%')::int as broken
              from contacts
            `,
          )
        ).rows,
      ).toEqual([{ whole: 40_000, broken: 0 }])
    })

    it('an upload that ended with its process is removed by the next sweep, and blocks no other', async () => {
      await api.pool.query(
        `
          insert into data_transfers (account_id, direction, status, updated_at)
          select $1, 'import', 'uploading', now() - interval '11 minutes'
          from generate_series(1, 2)
        `,
        [api.accountId],
      )
      expect(await importAll('name,email\nA,later@one.example\n')).toMatchObject({ status: 'completed' })
      expect(await sweepTransfers(api.pool)).toBe(2)
      expect((await api.ask('GET', `${api.path}/contacts/imports`)).body[0]).toMatchObject({ status: 'completed' })
    })
  })

  it('rows of a megabyte are in memory a few at a time', async () => {
    const answer = await send(
      `name,note\n${Array.from({ length: 30 }, (_, n) => `N${String(n)},${'x'.repeat(900_000)}`).join('\n')}\n`,
    )
    await work()
    expect((await api.ask('GET', answer.headers.get('location')!)).body).toMatchObject({
      status: 'completed',
      total_records: 30,
      refused_records: 30,
    })
    // A batch is one piece of the report.
    const { rows } = await api.pool.query(
      `
        select number, length(bytes) as size
        from data_transfer_pieces
        where transfer_id = (select max(id) from data_transfers)
      `,
    )
    expect(rows.length).toBeGreaterThan(2)
    for (const { size } of rows) expect(size).toBeLessThan(10_000_000)
  })

  it('exports and refused rows of a deleted contact are deleted', async () => {
    await importAll('name,email\nGone,gone@one.example\nGone,no address\n')
    const [erased] = await search('gone@one.example')
    const { body: imports } = await api.ask('GET', `${api.path}/contacts/imports`)
    const refused = `${api.path}/contacts/imports/${String(imports[0].id)}/refused.csv`
    expect((await api.ask('GET', refused)).text).toContain('no address')
    await api.ask('POST', `${api.path}/contacts/export`, { json: {} })
    await work()
    const exported = async () => (await api.ask('GET', `${api.path}/contacts/imports`)).body[0]
    const path = new URL((await exported()).download_url).pathname
    expect((await api.ask('GET', path, { token: null })).text).toContain('gone@one.example')
    expect((await api.ask('DELETE', `${api.path}/contacts/${String(erased.id)}`)).status).toBe(200)
    await work()
    expect((await api.ask('GET', path, { token: null })).status).toBe(404)
    expect(await exported()).toMatchObject({
      status: 'failed',
      download_url: null,
      error: expect.stringContaining('was deleted'),
    })
    expect((await api.ask('GET', refused)).text).toBe('\ufeffname,email,row,errors\r\n')
    expect(
      (
        await api.pool.query(
          `select 1 from data_transfer_pieces where position('gone@one.example'::bytea in bytes) > 0`,
        )
      ).rows,
    ).toEqual([])
  })

  describe('is for administrators', () => {
    it.each([
      ['POST', '/contacts/import'],
      ['POST', '/contacts/export'],
      ['GET', '/contacts/imports'],
      ['GET', '/contacts/imports/1'],
    ])('%s %s', async (method, path) => {
      expect(await api.ask(method, `${api.path}${path}`, { token: api.agent.token })).toMatchObject({
        status: 401,
        body: { error: 'You are not authorized to do this action' },
      })
    })
  })

  it('an export has the columns asked for, no formula, and a download without a token', async () => {
    await importAll('name,email,phone_number,note\n=1+1,a@one.example,+15551110000,"say ""hi"", you"\n')
    expect(
      (
        await api.ask('POST', `${api.path}/contacts/export`, {
          json: { column_names: ['name', 'email', 'phone_number', 'note'] },
        })
      ).text,
    ).toBe('')
    await work()
    const [done] = (await api.ask('GET', `${api.path}/contacts/imports`)).body
    expect(done).toMatchObject({ direction: 'export', status: 'completed', total_records: 1 })
    const file = await api.ask('GET', new URL(done.download_url).pathname, { token: null })
    expect(file.text).toBe(
      `\ufeffname,email,phone_number,note\r\n'=1+1,a@one.example,+15551110000,"say ""hi"", you"\r\n`,
    )
    const filter = (value: string) =>
      api.ask('POST', `${api.path}/contacts/export`, {
        json: {
          payload: [
            { attribute_key: 'email', filter_operator: value, values: ['b@one.example'], query_operator: null },
          ],
        },
      })
    expect(await filter('loves')).toMatchObject({ status: 422 })
    await api.ask('POST', `${api.path}/contacts`, { json: { name: 'Bea', email: 'b@one.example' } })
    expect((await filter('equal_to')).status).toBe(200)
    await work()
    const [filtered] = (await api.ask('GET', `${api.path}/contacts/imports`)).body
    expect((await api.ask('GET', new URL(filtered.download_url).pathname, { token: null })).text).toMatch(
      /^\ufeffid,name,email,phone_number,identifier\r\n\d+,Bea,b@one\.example,,\r\n$/,
    )
    expect(
      (await api.ask('GET', '/contact-exports/00000000-0000-0000-0000-000000000000/contacts.csv', { token: null }))
        .status,
    ).toBe(404)
  })
})
