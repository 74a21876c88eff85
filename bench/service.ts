// A service of our own for the measurement: built, on a fresh folder, or on a fresh database of the server that is
// given.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import pg from 'pg'

export interface Service {
  /** Its DATA_DIR. */
  readonly folder: string
  /** Null = embedded. */
  readonly databaseUrl: string | null
  readonly ports: { readonly http: number; readonly smtp: number; readonly lmtp: number }
  readonly replyAddress: string
  readonly password: string
  /** The administrator's access token. */
  readonly token: string
  /** A connection to its database. */
  readonly sql: pg.Pool
  /** Resident memory of the process, without the database, in MB: now and at most. */
  readonly rssMb: () => { readonly now: number; readonly peak: number }
  /** CPU seconds that the process has used, and those of the database's processes on this machine. */
  readonly cpuSeconds: () => Promise<{ readonly own: number; readonly database: number }>
  /** Statements sent to the database so far. */
  readonly queries: () => Promise<number>
  readonly stop: () => Promise<void>
}

export interface Start {
  /** A PostgreSQL server on which a scratch database is made; null = the embedded one. */
  readonly server: string | null
  /** A folder for V8's CPU profiles, or null. */
  readonly profileTo?: string | null
  /** A database that another service of the measurement has made: several processes on one. */
  readonly shared?: Service
}

/** Starts it, and waits until it takes mail. */
export async function startService({ server, profileTo = null, shared }: Start): Promise<Service> {
  const folder = shared?.folder ?? mkdtempSync(join(tmpdir(), 'rethread-bench-'))
  // Started by root, the embedded database runs as another user, who must be able to enter.
  chmodSync(folder, 0o755)
  const scratch = shared === undefined && server !== null ? await makeDatabase(server) : null
  const databaseUrl = shared?.databaseUrl ?? scratch?.url ?? null
  const child = spawnService(folder, databaseUrl, profileTo)
  const output = await readUntilReady(child)
  const port = (scheme: string): number => Number(new RegExp(`${scheme}://[^: ]+:(\\d+)`).exec(output)?.[1])
  const sql = new pg.Pool(
    databaseUrl === null
      ? {
          host: join(folder, process.getuid?.() === 0 ? 'embedded/postgres' : 'postgres'),
          user: 'rethread',
          database: 'postgres',
        }
      : { connectionString: databaseUrl },
  )
  // The database says goodbye to connections that are just being closed.
  sql.on('error', () => undefined)
  return {
    folder,
    databaseUrl,
    ports: { http: port('http'), smtp: port('smtp'), lmtp: port('lmtp') },
    replyAddress: shared?.replyAddress ?? /reply\+[0-9a-f]+@\S+/.exec(output)?.[0] ?? '',
    password: readFileSync(join(folder, 'ingress-password'), 'utf8').trim(),
    token: readFileSync(join(folder, 'admin-token'), 'utf8').trim(),
    sql,
    rssMb: () => ({ now: statusOf(child, 'VmRSS'), peak: statusOf(child, 'VmHWM') }),
    cpuSeconds: async () => ({ own: cpuOf(child.pid ?? 0), database: await databaseCpu(sql) }),
    queries: async () => {
      child.send('queries')
      const [answer] = (await once(child, 'message')) as [{ queries: number }]
      return answer.queries
    },
    stop: async () => {
      await sql.end()
      child.kill('SIGTERM')
      await once(child, 'exit')
      await scratch?.drop()
      if (shared === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

function spawnService(folder: string, databaseUrl: string | null, profileTo: string | null): ChildProcess {
  const env = {
    ...process.env,
    DATA_DIR: folder,
    PORT: '0',
    SMTP_PORT: '0',
    LMTP_PORT: '0',
    LOG_LEVEL: 'error',
    RATE_LIMIT_SENDER: 'off',
    RATE_LIMIT_TOKEN: 'off',
    MAX_CONNECTIONS: '2000',
    MAX_CONNECTIONS_PER_ADDRESS: '2000',
    ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
  }
  const profile = profileTo === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileTo}`]
  return spawn(process.execPath, [...profile, '--import', './bench/count-queries.mjs', 'dist/main.js', 'serve'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
}

async function readUntilReady(child: ChildProcess): Promise<string> {
  let output = ''
  for await (const chunk of child.stdout ?? []) {
    output += String(chunk)
    // The first start prints what to try, later ones only where it listens.
    if (output.includes('/outbox') || (output.includes('Rethread is ready') && !output.includes('A first account')))
      return output
  }
  throw new Error(`the service did not start:\n${output}`)
}

async function makeDatabase(server: string): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `rethread_bench_${String(process.pid)}`
  const admin = new pg.Client(server)
  await admin.connect()
  await admin.query(`create database ${name}`)
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).toString()
  return {
    url,
    drop: async () => {
      await admin.query(`drop database ${name} with (force)`)
      await admin.end()
    },
  }
}

function statusOf(child: ChildProcess, field: string): number {
  try {
    return Math.round(
      Number(
        new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${String(child.pid)}/status`, 'utf8'))?.[1] ?? 0,
      ) / 1024,
    )
  } catch {
    return 0
  }
}

function cpuOf(pid: number): number {
  try {
    const fields = statOf(pid)
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return 0
  }
}

// The fields after the name in /proc/<pid>/stat; the first is the state, the second the parent.
function statOf(pid: number): string[] {
  return (
    readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
      .split(') ')[1]
      ?.split(' ') ?? []
  )
}

// All children of the postmaster, and what those that have ended left with it.
async function databaseCpu(sql: pg.Pool): Promise<number> {
  const { rows } = await sql.query<{ pid: number }>('select pg_backend_pid() as pid')
  try {
    const postmaster = statOf(rows[0]?.pid ?? 0)[1]
    const ended = statOf(Number(postmaster))
    const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(Number(name)) === postmaster)
    return processes.reduce((sum, pid) => sum + cpuOf(Number(pid)), (Number(ended[13]) + Number(ended[14])) / 100)
  } catch {
    return 0
  }
}

function parentOf(pid: number): string | null {
  try {
    return statOf(pid)[1] ?? null
  } catch {
    return null
  }
}
