// The installation's key, of which reply tokens are made. SECRET_KEY_BASE, else a file beside the embedded database,
// else (on a server that several processes share) a row of it. A process with another key would make addresses that
// the others do not know: it must not start.

import { createHash, randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { queryOne, type Sql } from '../db/pool.ts'
import { MailError } from '../errors.ts'

export interface KeyPlace {
  readonly given: string | undefined
  readonly dataDir: string
  /** Folder of our own database; null = a server of yours. */
  readonly embedded: string | null
}

/**
 * 32 bytes, the same in every process of this installation. Throws `MailError('misconfigured')` when they cannot be
 * had.
 */
export async function readSecretKey(sql: Sql, place: KeyPlace): Promise<Buffer> {
  const recorded = await setting(sql, 'secret-key-fingerprint')
  const kept = place.given ?? (await candidate(sql, place, recorded))
  const secret = kept ?? (recorded === null ? await keepNew(sql, place) : null)
  if (secret === null) throw lost(place)
  // Two first starts at once: whoever recorded the fingerprint first has made the key.
  const winner = await record(sql, 'secret-key-fingerprint', fingerprint(secret))
  if (winner === fingerprint(secret)) return keyOf(secret)
  if (place.given !== undefined)
    throw new MailError(
      'misconfigured',
      'SECRET_KEY_BASE: is not the key that this database was written with; every reply address would be ' +
        'unknown. Set the old key again.',
    )
  const other = await candidate(sql, place, winner)
  if (other === null) throw lost(place)
  return keyOf(other)
}

function lost(place: KeyPlace): MailError {
  return new MailError(
    'misconfigured',
    `SECRET_KEY_BASE: the database${place.embedded === null ? '' : ` in ${place.embedded}`} was written ` +
      `with a key that is neither here nor in ${join(place.dataDir, 'secret-key')}. Set SECRET_KEY_BASE to ` +
      'it; without it every reply address already sent is ' +
      `unknown.${place.embedded === null ? '' : ` To start anew, remove ${place.embedded} as well.`}`,
  )
}

async function candidate(sql: Sql, place: KeyPlace, recorded: string | null): Promise<string | null> {
  const file = await readFile(join(place.dataDir, 'secret-key'), 'utf8').then(
    (text) => text.trim(),
    () => null,
  )
  const row = await setting(sql, 'secret-key')
  return (
    [file, row].find(
      (secret) =>
        secret !== null &&
        (recorded === null ? secret === row || place.embedded !== null : fingerprint(secret) === recorded),
    ) ?? null
  )
}

async function keepNew(sql: Sql, place: KeyPlace): Promise<string> {
  const secret = randomBytes(48).toString('hex')
  if (place.embedded === null) return record(sql, 'secret-key', secret)
  await mkdir(place.dataDir, { recursive: true })
  const file = join(place.dataDir, 'secret-key')
  await writeFile(file, `${secret}\n`, { mode: 0o600, flag: 'wx' }).catch(() => undefined)
  await chmod(file, 0o600)
  return (await readFile(file, 'utf8')).trim()
}

async function setting(sql: Sql, name: string): Promise<string | null> {
  return (
    (await queryOne<{ value: string }>(sql, 'select value from installation where name = $1', [name]))?.value ?? null
  )
}

/** Writes a setting once; whoever comes second gets what the first has written. */
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
