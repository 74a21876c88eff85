// An embedded PostgreSQL under DATA_DIR, used without a DATABASE_URL: initdb once, then a child process on a unix
// socket. It never outlives its parent: a shell between the two reads a pipe that only the parent holds (see
// `guarded`). No other module knows about it.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { MailError } from '../errors.ts'
import { convertCollation } from './embedded-collation.ts'
import { type ClusterLocation, prepareLocation } from './embedded-location.ts'
import type { Connection } from './pool.ts'

const run = promisify(execFile)

export interface EmbeddedServer {
  readonly connection: Connection
  /** The folder of the cluster. */
  readonly folder: string
  /** Fast shutdown; resolves when the server is gone. Never throws. */
  readonly stop: () => Promise<void>
}

const environment = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/**
 * Starts the embedded server under `DATA_DIR` and creates it first if it is new; a server that crashes later is
 * restarted, and `onCrash` called. A database of earlier versions is converted (embedded-collation.ts); `onProgress`
 * gets the progress. Throws `MailError('misconfigured')` with a sentence for people when this machine cannot run it
 * or another Rethread process uses the folder.
 */
export async function startEmbedded(
  dataDir: string,
  onCrash: (error: Error) => void = () => undefined,
  onProgress: (sentence: string) => void = () => undefined,
): Promise<EmbeddedServer> {
  const location = await prepareLocation(dataDir)
  await initialise(location)
  const kept = await keepRunning(location, onCrash)
  const connection = { host: location.socketFolder, user: 'rethread', database: 'postgres' }
  try {
    await convertCollation(connection, onProgress)
  } catch (error) {
    await kept.stop()
    throw error
  }
  return {
    connection,
    folder: location.cluster,
    stop: async () => {
      await kept.stop()
      if (location.socketFolder !== location.cluster) await rm(location.socketFolder, { recursive: true, force: true })
    },
  }
}

// A server that ends unexpectedly is restarted: mail is deferred meanwhile, nothing more.
async function keepRunning(
  location: ClusterLocation,
  onCrash: (error: Error) => void,
): Promise<{ stop: () => Promise<void> }> {
  let stopping = false
  let child = await startServer(location)
  let starting: Promise<unknown> = Promise.resolve()
  const restart = (): void => {
    if (stopping) return
    starting = startServer(location).then(watch, () => setTimeout(restart, 1_000))
  }
  const watch = (started: ChildProcess): void => {
    child = started
    started.once('exit', (code, signal) => {
      if (stopping) return
      onCrash(new Error(`the embedded PostgreSQL ended (${String(signal ?? code)}); it is started again`))
      restart()
    })
  }
  watch(child)
  return {
    stop: async () => {
      stopping = true
      await starting
      child.stdio[3]?.destroy()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

async function initialise(location: ClusterLocation): Promise<void> {
  const version = await readFile(join(location.cluster, 'PG_VERSION'), 'utf8').catch(() => null)
  if (version !== null) return
  // A crash during initdb leaves a folder that cannot be started: begin again beside it, then rename.
  const fresh = `${location.cluster}.new`
  await rm(fresh, { recursive: true, force: true })
  try {
    const collation = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
    await run(location.initdb, ['-D', fresh, '-U', 'rethread', '-A', 'trust', '-E', 'UTF8', ...collation], {
      ...location.identity,
      env: environment,
      cwd: location.parent,
    })
    await rename(fresh, location.cluster)
  } catch (error) {
    throw new MailError(
      'misconfigured',
      `The embedded PostgreSQL could not be set up in ${location.cluster}: ${reasonOf(error)}. Run as another ` +
        'user, choose another DATA_DIR, or set DATABASE_URL.',
      { cause: error },
    )
  }
}

async function startServer(location: ClusterLocation): Promise<ChildProcess> {
  for (let attempt = 1; ; attempt++) {
    const stale = await readPid(location)
    await removeForeignPid(location, stale)
    const child = guarded(location)
    const outcome = await waitUntilReady(child, async () => isReady(await readPid(location), stale))
    if (outcome === 'ready') return child
    // After a kill -9 the old server may still be stopping; a live one belongs to another Rethread process.
    if (!/lock file|pre-existing shared memory|another server/i.test(outcome) || attempt === 20)
      throw cannotStart(location, outcome)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

function cannotStart(location: ClusterLocation, output: string): MailError {
  if (/lock file|another server|pre-existing shared memory/i.test(output)) {
    return new MailError(
      'misconfigured',
      `Another rethread process is running on ${location.cluster}. Stop it first, give this one its own ` +
        'DATA_DIR, or let both share one server with DATABASE_URL.',
    )
  }
  return new MailError(
    'misconfigured',
    `The embedded PostgreSQL in ${location.cluster} did not start: ${lastLine(output)}. Its folder is left ` +
      'as it is; set DATABASE_URL to use a server of your own.',
  )
}

// The shell waits for the end of the pipe on fd 3, which comes when we stop or die, however we die, and then asks for
// a fast shutdown; five seconds later for an immediate one, after which the next start recovers what was committed. A
// process group of its own, or Ctrl-C would stop the database before us.
const guard = [
  '"$0" "$@" & p=$!; trap "" INT TERM HUP',
  '(cat >/dev/null; kill -INT $p; n=0; while [ $n -lt 25 ] && kill -0 $p; do sleep 0.2; n=$((n+1)); ' +
    'done; kill -QUIT $p) <&3 2>/dev/null & wait $p',
].join('\n')

function guarded(location: ClusterLocation): ChildProcess {
  const settings = [
    'listen_addresses=',
    'unix_socket_permissions=0700',
    'shared_buffers=64MB',
    'max_wal_size=512MB',
    'max_connections=60',
    'log_min_messages=fatal',
    'log_checkpoints=off',
    'wal_compression=off',
  ]
  const args = ['-D', location.cluster, '-k', location.socketFolder, ...settings.flatMap((setting) => ['-c', setting])]
  const child = spawn('/bin/sh', ['-c', guard, location.postgres, ...args], {
    ...location.identity,
    env: environment,
    cwd: location.parent,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  child.stdio[3]?.on('error', () => undefined)
  child.once('exit', () => {
    child.stdio[3]?.destroy()
  })
  return child
}

async function waitUntilReady(child: ChildProcess, isReadyNow: () => Promise<boolean>): Promise<string> {
  let output = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-4_000)
  })
  const exited = once(child, 'exit').then(() => false)
  for (;;) {
    if (await isReadyNow()) return 'ready'
    const alive = await Promise.race([exited, new Promise<boolean>((resolve) => setTimeout(resolve, 20, true))])
    if (!alive) return output === '' ? 'it exited without a word' : output
  }
}

function readPid(location: ClusterLocation): Promise<string> {
  return readFile(join(location.cluster, 'postmaster.pid'), 'utf8').catch(() => '')
}

// After a crash of the machine or in a container, the process that an old postmaster.pid names may be anything else
// by now.
async function removeForeignPid(location: ClusterLocation, pid: string): Promise<void> {
  const name = await readFile(`/proc/${String(Number.parseInt(pid, 10))}/comm`, 'utf8').catch(() => null)
  if (name !== null && name.trim() !== 'postgres') await rm(join(location.cluster, 'postmaster.pid'), { force: true })
}

// The eighth line of postmaster.pid says when the server takes connections; a file that was there before us says
// nothing.
function isReady(pid: string, stale: string): boolean {
  return pid !== stale && pid.split('\n')[7]?.trim() === 'ready'
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? ''
}

function reasonOf(error: unknown): string {
  const stderr = typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr) : ''
  return lastLine(stderr) || (error instanceof Error ? lastLine(error.message) : String(error))
}
