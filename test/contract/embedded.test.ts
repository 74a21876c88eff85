// The embedded server on a folder of its own, where things go wrong: the leftovers of another life, and its own end
// by violence.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'

import { type EmbeddedServer, startEmbedded } from '../../src/db/embedded.ts'
import { createPool, type Pool } from '../../src/db/pool.ts'
import { createDataDir } from '../support/service.ts'
import { until } from '../support/until.ts'

describe.skipIf(inject('servers').embedded === null)('the embedded server', () => {
  let folder: Awaited<ReturnType<typeof createDataDir>>
  const servers: EmbeddedServer[] = []
  const pools: Pool[] = []

  beforeEach(async () => {
    folder = await createDataDir()
  })
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.end()))
    await Promise.all(servers.splice(0).map((server) => server.stop()))
    await folder.remove()
  })

  const start = async (onCrash?: (error: Error) => void): Promise<{ server: EmbeddedServer; pool: Pool }> => {
    const server = await startEmbedded(folder.path, onCrash)
    servers.push(server)
    const pool = createPool(server.connection, 3, () => undefined)
    pools.push(pool)
    return { server, pool }
  }
  const end = async (): Promise<void> => {
    await Promise.all(pools.splice(0).map((pool) => pool.end()))
    await Promise.all(servers.splice(0).map((server) => server.stop()))
  }
  const pidFile = ({ folder: cluster }: EmbeddedServer) => join(cluster, 'postmaster.pid')
  const pidOf = async (server: EmbeddedServer) => Number.parseInt(await readFile(pidFile(server), 'utf8'), 10)

  test.skipIf(!existsSync('/proc/self/comm'))(
    'a stale postmaster.pid with the id of another program stops neither the start nor that program',
    async () => {
      const first = await start()
      await first.pool.query('create table kept as select 7 as n')
      const left = await readFile(pidFile(first.server), 'utf8')
      await end()
      // Of the server's own user: PostgreSQL ignores those of other users.
      const stranger = spawn('cat', {
        stdio: ['pipe', 'ignore', 'ignore'],
        cwd: '/',
        ...(process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}),
      })
      try {
        await writeFile(pidFile(first.server), left.replace(/^\d+/, String(stranger.pid)))
        const { pool } = await start()
        expect((await pool.query('select n from kept')).rows).toEqual([{ n: 7 }])
        expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
      } finally {
        stranger.stdin.end()
      }
    },
  )

  test('a stale postmaster.pid without a process does not prevent the start', async () => {
    const first = await start()
    const left = await readFile(pidFile(first.server), 'utf8')
    await end()
    await writeFile(pidFile(first.server), left.replace(/^\d+/, '4194300'))
    const { pool } = await start()
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  test('a killed server is restarted and reported, and the same pool works again with the committed data', async () => {
    const details: string[] = []
    const { server, pool } = await start((error) => details.push(error.message))
    await pool.query('create table kept as select 7 as n')
    const before = await pidOf(server)
    process.kill(before, 'SIGKILL')
    // A connection of the old server may answer once more; the new server has its own number.
    await until(
      'the next server',
      async () => details.length > 0 && (await pidOf(server).catch(() => before)) !== before,
      30_000,
    )
    const rows = await until(
      'the pool working again',
      async () => (await pool.query<{ n: number }>('select n from kept').catch(() => null))?.rows,
      30_000,
    )
    expect(rows).toEqual([{ n: 7 }])
    expect(details).toEqual([expect.stringContaining('it is started again')])
    expect(() => process.kill(before, 0)).toThrow()
  })

  test('a second server on the same folder is refused with a message, and the first continues', async () => {
    const { server, pool } = await start()
    await expect(startEmbedded(folder.path)).rejects.toMatchObject({
      kind: 'misconfigured',
      message: expect.stringContaining('Another rethread process') as string,
    })
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    expect(await readdir(server.folder)).toContain('postmaster.pid')
  })
})
