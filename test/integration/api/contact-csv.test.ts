// What spreadsheets write and read: encodings, delimiters, quotes, apostrophes; and an export that comes back
// unchanged.

import { beforeEach, expect, it } from 'vitest'

import { findForm } from '../../../src/conversations/import/csv-form.ts'
import { type CsvRow, readCsv } from '../../../src/conversations/import/read-csv.ts'
import { createTransferHandlers } from '../../../src/conversations/import/transfer-work.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'
import { doWork } from '../../support/work.ts'

const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16()

describeWithDatabase('a CSV of a spreadsheet', () => {
  const api = useApi()
  beforeEach(() => api.pool.query('delete from contacts'))

  const work = () => doWork(api.pool, createTransferHandlers({ pool: api.pool, onDone: () => undefined }))
  const importFile = async (csv: string | Uint8Array) => {
    const sent = await api.ask('POST', `${api.path}/contacts/import`, { raw: { body: csv, type: 'text/csv' } })
    await work()
    const place = sent.headers.get('location') ?? ''
    return {
      progress: (await api.ask('GET', place)).body,
      refused: (await api.ask('GET', `${place}/refused.csv`)).text,
    }
  }
  const contacts = async () =>
    (
      await api.pool.query<Record<string, unknown>>(
        `select name, email, phone_number, identifier, labels, custom_attributes, additional_attributes
         from contacts order by name collate "C", email`,
      )
    ).rows

  const table = 'name,email\r\nZoë Ødegård,zoe@one.example\r\nИван,ivan@one.example\r\n'
  it.each<[string, string | Buffer]>([
    ['UTF-8', table],
    ['UTF-8 with a mark', `\ufeff${table}`],
    ['UTF-16 LE with a mark', Buffer.from(`\ufeff${table}`, 'utf16le')],
    ['UTF-16 LE without one', Buffer.from(table, 'utf16le')],
    ['UTF-16 BE with a mark', utf16be(`\ufeff${table}`)],
    ['UTF-16 BE without one', utf16be(table)],
    ['a line sep=;', `sep=;\r\n${table.replaceAll(',', ';')}`],
    ['a mark and a quoted line "sep=;"', `\ufeff"sep=;"\n${table.replaceAll(',', ';')}`],
    ['UTF-16 with tabs, as "Unicode text"', Buffer.from(`\ufeff${table.replaceAll(',', '\t')}`, 'utf16le')],
    ['line ends of CR', table.replaceAll('\r\n', '\r')],
    ['line ends of all kinds', table.replace('\r\n', '\n').replace('\r\n', '\r')],
    ['empty lines', `\n\n${table.replaceAll('\r\n', '\r\n\r\n')}\n`],
    ['columns without a name at the end', table.replace('email\r', 'email,,\r').replaceAll('.example', '.example,,')],
  ])('in %s is read', async (_kind, csv) => {
    const { progress } = await importFile(csv)
    expect(progress).toMatchObject({ status: 'completed', created_records: 2, refused_records: 0, total_records: 2 })
    expect((await contacts()).map(({ name }) => name)).toEqual(['Zoë Ødegård', 'Иван'])
  })

  it.each([
    ['5" pipe,a@one.example', '5" pipe'],
    ['"say "hi" now",a@one.example', 'say "hi" now'],
    ['"say ""hi"" now",a@one.example', 'say "hi" now'],
    ['"Ann" Berg,a@one.example', 'Ann Berg'],
    ['"say "hi"" there",a@one.example', 'say "hi" there'],
    ['"two\r\nlines",a@one.example', 'two\r\nlines'],
    [' "Ann" ,a@one.example', 'Ann'],
    ['"Ann, Berg",a@one.example', 'Ann, Berg'],
    ["'=SUM(A1),a@one.example", '=SUM(A1)'],
    ["O'Hara,a@one.example", "O'Hara"],
    ["'Ann,a@one.example", "'Ann"],
    ['Ann\u00a0Berg\u00a0,\u00a0a@one.example', 'Ann Berg'],
  ])('the row %j has the name %j', async (row, name) => {
    const { progress } = await importFile(`name,email\r\n${row}\r\nLast,last@one.example\r\n`)
    expect(progress).toMatchObject({ status: 'completed', created_records: 2, refused_records: 0 })
    expect(await contacts()).toEqual(
      expect.arrayContaining([expect.objectContaining({ name, email: 'a@one.example' })]),
    )
  })

  it.each([
    "'+4791234567",
    '+47 91 23 45 67',
    '0047 91234567',
    '4791234567',
    "'4791234567",
    '+47\u00a091\u00a023\u00a045\u00a067',
  ])('the phone number %j is read', async (phone) => {
    expect((await importFile(`name,phone_number\nA,${phone}\n`)).progress).toMatchObject({ created_records: 1 })
    expect(await contacts()).toMatchObject([{ phone_number: '+4791234567' }])
  })

  it.each(['4.79123E+09', '"4,79123E+09"', '4791234567.0', '4.79e10'])(
    'the phone number %s, written as a number, is refused with its line',
    async (phone) => {
      const { progress, refused } = await importFile(`name,phone_number\nA,+4791234567\n\n"B\nB",${phone}\n`)
      expect(progress).toMatchObject({ status: 'completed', created_records: 1, refused_records: 1 })
      expect(refused).toMatch(/Line 4: Phone number .* was written as a number by a spreadsheet/)
    },
  )

  it.each<[string, string | Buffer, RegExp]>([
    ['an empty file', ' ', /header is missing|empty/],
    ['a file of line ends', '\r\n\r\n', /it is empty/],
    ['a file without a header', 'Ann,ann@one.example\nBob,bob@one.example\n', /Line 1: the header is missing/],
    [
      'a column that is there twice',
      'name,E-Mail,email\nA,a@one.example,b@one.example\n',
      /Line 1: the column email is there twice/,
    ],
    ['a workbook', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(500, 7)]), /save it as CSV/],
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452000000ff', 'hex'), /not text/],
    [
      'UTF-32',
      Buffer.from([...'name,email\nA,a@b.example\n'].flatMap((letter) => [letter.charCodeAt(0), 0, 0, 0])),
      /not text|header is missing/,
    ],
    [
      'a broken UTF-16',
      Buffer.concat([Buffer.from('\ufeffname,email\n', 'utf16le'), Buffer.from([0, 0xd8, 65, 0])]),
      /not text/,
    ],
    [
      'a quote that nothing closes',
      'name,email\nA,a@one.example\n"B,b@one.example\n',
      /Line 3: a quote is opened and never closed/,
    ],
    [
      'too many columns',
      `name,${Array.from({ length: 600 }, (_, n) => `c${String(n)}`).join(',')}\nA\n`,
      /Line 1: there are 601 columns/,
    ],
  ])('%s fails with a message, and nothing is imported', async (_kind, csv, sentence) => {
    const { progress } = await importFile(csv)
    expect([progress.status, progress.created_records]).toEqual(['failed', 0])
    expect(progress.error).toMatch(sentence)
    expect(progress.error).toMatch(/^The file is not a valid CSV: .*Nothing of it was imported\.$/)
    expect(await contacts()).toEqual([])
  })

  it('a file in pieces of any size reads the same', async () => {
    const rows = [
      '"say "hi" now",a1@one.example',
      '"Ann" Berg,a2@one.example',
      '"two\r\nlines",a3@one.example',
      'Ø,a4@one.example',
    ]
    const bytes = Buffer.from(`name,email\r\n${rows.join('\r\n')}\r\n`)
    for (const size of [1, 2, 3, 7]) {
      const pieces = async function* () {
        for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size))
      }
      const read: CsvRow[] = []
      for await (const row of readCsv(pieces(), await findForm(pieces()))) read.push(row)
      expect(read.map(({ line, values }) => [line, values[0]])).toEqual([
        [1, 'name'],
        [2, 'say "hi" now'],
        [3, 'Ann Berg'],
        [4, 'two\r\nlines'],
        [6, 'Ø'],
      ])
    }
  })

  it('a row with too many values is refused with its line, but not one with trailing blanks', async () => {
    const { progress, refused } = await importFile('name,email\nA,a@one.example,,\nB,b@one.example,x\n')
    expect(progress).toMatchObject({ created_records: 1, refused_records: 1 })
    expect(refused).toContain('Line 3: Row has 3 values for 2 columns')
  })

  const values = [
    '=1+1',
    '+1',
    '-5',
    '@home',
    "'quoted",
    "'=x",
    'two\nlines',
    'a\r\nb',
    'say "hi"',
    ' blanks ',
    'a;b,c',
    'Ødegård',
    '+SUM(A1)',
  ]
  it(
    'an export opens in spreadsheets and can be imported unchanged, into the same contacts and as ' + 'new ones',
    async () => {
      for (const [place, value] of values.entries())
        await api.pool.query(
          `
          insert into contacts (
            account_id, name, email, phone_number, identifier, labels, custom_attributes, additional_attributes
          )
          values (
            $1,
            $2,
            $3,
            $4,
            $5,
            '{vip,lead}',
            jsonb_build_object('note', $6::text),
            '{"city": "Köln", "company_name": "=Acme"}'
          )
        `,
          [
            api.accountId,
            value.trim(),
            `p${String(place)}@one.example`,
            `+47912345${String(place + 10)}`,
            value.trim(),
            value,
          ],
        )
      const before = await contacts()
      const names = [
        'id',
        'name',
        'email',
        'phone_number',
        'identifier',
        'company_name',
        'city',
        'labels',
        'note',
        'created_at',
      ]
      await api.ask('POST', `${api.path}/contacts/export`, { json: { column_names: names } })
      await work()
      const [{ download_url: url }] = (await api.ask('GET', `${api.path}/contacts/imports`)).body
      const file = Buffer.from(await (await fetch(`${api.origin}${new URL(url).pathname}`)).arrayBuffer())
      expect(file.subarray(0, 3).toString('hex')).toBe('efbbbf')
      expect(file.toString('utf8')).toMatch(/^\ufeffid,name,.*\r\n/)
      expect(file.toString('utf8')).not.toMatch(/(^|,|\n)"?[=@]/m)
      expect((await importFile(file)).progress).toMatchObject({
        created_records: 0,
        changed_records: 0,
        refused_records: 0,
      })
      expect(await contacts()).toEqual(before)
      await api.pool.query('delete from contacts')
      expect((await importFile(file)).progress).toMatchObject({ created_records: values.length, refused_records: 0 })
      expect(await contacts()).toEqual(before)
    },
  )
})
