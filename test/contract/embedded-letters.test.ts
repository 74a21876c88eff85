// An embedded database that a former version made with the locale C, and its conversion.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'

import { type EmbeddedServer, startEmbedded } from '../../src/db/embedded.ts'
import { prepareLocation } from '../../src/db/embedded-location.ts'
import { createPool, type Pool } from '../../src/db/pool.ts'
import { createDataDir } from '../support/service.ts'

const run = promisify(execFile)
const locale = `select datlocprovider as provider, datlocale as locale, datcollversion as version
  from pg_database where datname = current_database()`

describe.skipIf(inject('servers').embedded === null)('collation of the embedded database', () => {
  let folder: Awaited<ReturnType<typeof createDataDir>>
  let server: EmbeddedServer | null = null
  let pool: Pool | null = null
  const said: string[] = []

  beforeEach(async () => {
    folder = await createDataDir()
    said.length = 0
  })
  afterEach(async () => {
    await stop()
    await folder.remove()
  })

  const start = async (): Promise<Pool> => {
    server = await startEmbedded(folder.path, undefined, (sentence) => said.push(sentence))
    pool = createPool(server.connection, 2, () => undefined)
    return pool
  }
  const stop = async (): Promise<void> => {
    await pool?.end()
    await server?.stop()
    pool = server = null
  }
  // As versions before this one did it.
  const makeOld = async (): Promise<void> => {
    const place = await prepareLocation(folder.path)
    const args = ['-D', place.cluster, '-U', 'rethread', '-A', 'trust', '-E', 'UTF8', '--locale=C']
    await run(place.initdb, args, { ...place.identity, cwd: place.parent, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } })
  }
  const asBefore = async (sql: Pool): Promise<void> => {
    await sql.query(
      `update pg_database set datlocprovider = 'c', datlocale = null, datcollversion = null
       where datname in ('postgres', 'template1')`,
    )
  }
  const states = async (sql: Pool) => (await sql.query<Record<string, string>>(locale)).rows[0]

  test('a new database knows upper and lower case of all languages', async () => {
    const sql = await start()
    expect(await states(sql)).toEqual({ provider: 'b', locale: 'C.UTF-8', version: '1' })
    expect((await sql.query(`select lower('ØИÄ') as low`)).rows).toEqual([{ low: 'øиä' }])
    expect(said).toEqual([])
  })

  test('a database of a former version is converted with all its data, once, and logs it', async () => {
    await makeOld()
    const first = await start()
    expect(await states(first)).toEqual({ provider: 'b', locale: 'C.UTF-8', version: '1' })
    expect(said.join(' ')).toContain('knows the letters of all languages')
    await stop()
    said.length = 0
    await start()
    expect(said).toEqual([])
  })

  test('rows and keys stay, and indexes that depend on the collation are rebuilt', async () => {
    const sql = await start()
    await sql.query(`create table kept (name text unique)`)
    await asBefore(sql)
    await pool?.end()
    pool = createPool((server as EmbeddedServer).connection, 2, () => undefined)
    expect((await pool.query(`select lower('Ø') as low`)).rows).toEqual([{ low: 'Ø' }])
    await pool.query(`insert into kept values ('Østergård'), ('ИВАНОВА'), ('anna'), ('Zoë')`)
    await pool.query(`create index kept_lower on kept (lower(name))`)
    await stop()
    const after = await start()
    expect(said.join(' ')).toContain('building index 1 of 1 (kept_lower)')
    await after.query('set enable_seqscan = off')
    expect((await after.query(`select name from kept where lower(name) = 'østergård'`)).rows).toEqual([
      { name: 'Østergård' },
    ])
    expect((await after.query(`select name from kept order by name`)).rows.map(({ name }) => String(name))).toEqual([
      'Zoë',
      'anna',
      'Østergård',
      'ИВАНОВА',
    ])
    await expect(after.query(`insert into kept values ('anna')`)).rejects.toThrow(/unique/)
  })

  test('a conversion that was interrupted before the indexes continues at the next start', async () => {
    const sql = await start()
    await sql.query('create table kept (name text)')
    await sql.query(`insert into kept values ('Østergård')`)
    await sql.query('create index kept_lower on kept (lower(name))')
    await sql.query(`comment on database postgres is 'rethread: build the indexes of letters anew'`)
    await stop()
    const after = await start()
    expect(said.join(' ')).toContain('building index 1 of 1 (kept_lower)')
    expect(
      (
        await after.query(
          `select shobj_description(oid, 'pg_database') as mark from pg_database where datname = 'postgres'`,
        )
      ).rows,
    ).toEqual([{ mark: null }])
  })
})
