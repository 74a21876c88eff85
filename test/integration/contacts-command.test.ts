// `rethread contacts import` as an operator runs it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { describeOnEitherDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'

describeOnEitherDatabase('rethread contacts import', (member) => {
  const service = useService({ on: member })
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rethread-csv-'))
  })
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  const run = async (csv: string, ...more: string[]) => {
    const file = join(folder, 'contacts.csv')
    await writeFile(file, csv)
    return service.command(['contacts', 'import', '--account', '1', file, ...more])
  }

  test('prints the counts and each refused row with its reason', async () => {
    const ended = await run('name,email\nAnn,ann@one.example\nBob,not an address\n')
    expect(ended).toMatchObject({
      status: 65,
      stdout:
        '1 contact created, 0 updated, 1 row refused:\nname,email,row,errors\r\nBob,not an address,2,Line 3: ' +
        'Email Invalid email\r\n',
    })
    const mail = (await service.outbox()).find((sent) => sent.field('Subject') === 'Contact import completed')
    expect(mail?.text).toContain('Contacts created: 1, updated: 0. Rows refused: 1.')
  })

  test('thousands of rows are imported, each once, also when the file is imported again', async () => {
    const rows = Array.from({ length: 5_000 }, (_, n) => `Person ${String(n)},many${String(n)}@one.example,gold`).join(
      '\n',
    )
    expect(await run(`name,email,plan\n${rows}\n`)).toMatchObject({
      status: 0,
      stdout: '5000 contacts created, 0 updated.\n',
    })
    expect(JSON.parse((await run(`name,email,plan\n${rows}\n`, '--json')).stdout)).toMatchObject({
      total_records: 5_000,
      created_records: 0,
      changed_records: 0,
    })
    expect(
      await service.sql(
        `select count(*) as n from contacts where email like 'many%' and custom_attributes ->> 'plan' = 'gold'`,
      ),
    ).toEqual([{ n: 5_000 }])
  })

  test.each([
    [['contacts', 'import', '--account', '1', '/nowhere.csv'], 66, 'No such file: /nowhere.csv'],
    [['contacts', 'import', '--account', '1'], 64, 'FILE is missing.'],
    [['contacts', 'import', 'x.csv'], 64, 'Usage: rethread contacts import'],
  ])('%j ends with %s', async (args, status, words) => {
    const ended = await service.command(args)
    expect(ended.status).toBe(status)
    expect(ended.stderr).toContain(words)
  })

  test('an unknown account is reported', async () => {
    const file = join(folder, 'contacts.csv')
    await writeFile(file, 'name,email\nA,a@one.example\n')
    expect(await service.command(['contacts', 'import', '--account', '999', file])).toMatchObject({ status: 65 })
  })
})
