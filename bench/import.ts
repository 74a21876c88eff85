// 100,000 contacts by `rethread contacts import`, and the same file once more: rows a second, and what the service
// needs of memory meanwhile.

import { spawnSync } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import type { Service } from './service.ts'
import { startTable } from './table.ts'

const rows = 100_000

function* csv(): Generator<string> {
  yield 'name,email,phone_number,identifier,company,plan,notes\n'
  for (let n = 1; n <= rows; n++)
    yield (
      `Person ${String(n)},import${String(n)}@example.org,+49171${String(1_000_000 + n)},crm-${String(n)},` +
      `Company ${String(n % 500)},${n % 3 === 0 ? 'gold' : 'free'},"Says ""hello"", always"\n`
    )
}

/** Throws when a row is refused. */
export async function measureImport(service: Service): Promise<unknown[]> {
  const file = join(service.folder, 'contacts.csv')
  await pipeline(Readable.from(csv()), createWriteStream(file))
  const row = startTable(['import', 'rows', 'seconds', 'rows/s', 'MB before', 'peak MB'])
  const before = service.rssMb().now
  return ['first', 'again'].map((name) => {
    const started = performance.now()
    const env = {
      PATH: process.env['PATH'],
      RETHREAD_URL: `http://127.0.0.1:${String(service.ports.http)}`,
      RETHREAD_TOKEN: service.token,
    }
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['dist/main.js', 'contacts', 'import', '--account', '1', file],
      { env, encoding: 'utf8' },
    )
    const seconds = (performance.now() - started) / 1000
    if (status !== 0 || !stdout.includes(`${String(rows)} rows`))
      throw new Error(`the import ended with ${String(status)}: ${stdout.slice(0, 500)} ${stderr.slice(-500)}`)
    const cells = [name, rows, seconds, rows / seconds, before, service.rssMb().peak]
    row(cells)
    return cells
  })
}
