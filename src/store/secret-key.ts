// The installation's key, of which reply tokens are made. SECRET_KEY_BASE, else a file beside the embedded database,
// else (on a server that several processes share) a row of it. A process with another key would make addresses that
// the others do not know: it must not start.

import { createHash, randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { queryOne, type Sql } from '../db/pool.ts'
import { MailError } from '../errors.ts'

export interface KeyLocation {
  readonly given: string | undefined
  readonly dataDir: string
  /** Folder of the embedded database; null = an external server. */
  readonly embedded: string | null
}

/**
 * 32 bytes, the same in every process of this installation. Throws `MailError('misconfigured')` when they are not
 * available.
 */
export async function readSecretKey(sql: Sql, location: KeyLocation): Promise<Buffer> {
  const recorded = await setting(sql, 'secret-key-fingerprint')
  const kept = location.given ?? (await candidate(sql, location, recorded))
  const secret = kept ?? (recorded === null ? await keepNew(sql, location) : null)
  if (secret === null) throw lost(location)
  // Two first starts at once: the one that recorded the fingerprint first made the key.
  const winner = await record(sql, 'secret-key-fingerprint', fingerprint(secret))
  if (winner === fingerprint(secret)) return keyOf(secret)
  if (location.given !== undefined)
    throw new MailError(
      'misconfigured',
      'SECRET_KEY_BASE: is not the key that this database was written with; every reply address would be ' +
        'unknown. Set the old key again.',
    )
  const other = await candidate(sql, location, winner)
  if (other === null) throw lost(location)
  return keyOf(other)
}

function lost(location: KeyLocation): MailError {
  return new MailError(
    'misconfigured',
    `SECRET_KEY_BASE: the database${location.embedded === null ? '' : ` in ${location.embedded}`} was written ` +
      `with a key that is neither here nor in ${join(location.dataDir, 'secret-key')}. Set SECRET_KEY_BASE to ` +
      'it; without it every reply address already sent is ' +
      `unknown.${location.embedded === null ? '' : ` To start anew, remove ${location.embedded} as well.`}`,
  )
}

async function candidate(sql: Sql, location: KeyLocation, recorded: string | null): Promise<string | null> {
  const file = await readFile(join(location.dataDir, 'secret-key'), 'utf8').then(
    (text) => text.trim(),
    () => null,
  )
  const row = await setting(sql, 'secret-key')
  return (
    [file, row].find(
      (secret) =>
        secret !== null &&
        (recorded === null ? secret === row || location.embedded !== null : fingerprint(secret) === recorded),
    ) ?? null
  )
}

async function keepNew(sql: Sql, location: KeyLocation): Promise<string> {
  const secret = randomBytes(48).toString('hex')
  if (location.embedded === null) return record(sql, 'secret-key', secret)
  await mkdir(location.dataDir, { recursive: true })
  const file = join(location.dataDir, 'secret-key')
  await writeFile(file, `${secret}\n`, { mode: 0o600, flag: 'wx' }).catch(() => undefined)
  await chmod(file, 0o600)
  return (await readFile(file, 'utf8')).trim()
}

async function setting(sql: Sql, name: string): Promise<string | null> {
  return (
    (await queryOne<{ value: string }>(sql, 'select value from installation where name = $1', [name]))?.value ?? null
  )
}

/** Writes a setting once; a second writer gets the first one's value. */
async function record(sql: Sql, name: string, value: string): Promise<string> {
  await sql.query('insert into installation (name, value) values ($1, $2) on conflict (name) do nothing', [name, value])
  return (await setting(sql, name)) ?? value
}

function fingerprint(secret: string): string {
  return createHash('sha256').update(`rethread fingerprint\0${secret}`).digest('hex')
}

function keyOf(secret: string): Buffer {
  return createHash('sha256').update(`rethread key\0${secret}`).digest()
}
