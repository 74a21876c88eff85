// Secrets that a first start makes up: kept under DATA_DIR, readable by this user alone, so that the next start knows
// them.

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The secret in `DATA_DIR/name`; made by `make` when there is none. */
export async function keepSecret(dataDir: string, name: string, make: () => string): Promise<string>
export async function keepSecret(dataDir: string, name: string, make: (() => string) | null): Promise<string | null>
export async function keepSecret(dataDir: string, name: string, make: (() => string) | null): Promise<string | null> {
  const file = join(dataDir, name)
  const known = await readFile(file, 'utf8').then(
    (text) => text.trim(),
    () => '',
  )
  if (known !== '' || make === null) return known === '' ? null : known
  await mkdir(dataDir, { recursive: true })
  // Two processes may start at once on one folder: the first one's secret counts.
  await writeFile(file, `${make()}\n`, { mode: 0o600, flag: 'wx' }).catch(() => undefined)
  return (await readFile(file, 'utf8')).trim()
}
