// A room in which one MTA is "installed" without touching this machine (room.sh), from Debian's packages that
// fetch.sh has brought.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs'
import { mkdtemp, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const script = join(root, 'test/mta/room.sh')
const folder = process.env['TEST_MTA_PACKAGES'] ?? ''
const namespaces = ['--mount', '--pid', '--fork', '--kill-child']

export type Program = 'postfix' | 'exim4-daemon-light' | 'opensmtpd'

/** Why there can be no room for a program here; null: there can. */
export function whyNot(program: Program): string | null {
  if (folder === '') return 'TEST_MTA_PACKAGES is not set: fetch them with `sh test/mta/fetch.sh FOLDER`'
  if (
    !existsSync(join(folder, program)) ||
    !readdirSync(join(folder, program)).some((name) => name.startsWith(`${program}_`))
  )
    return `${folder} has no package ${program}`
  if (process.getuid?.() !== 0) return 'only root may mount its files'
  const place = mkdtempSync(join(tmpdir(), 'rethread-mta-'))
  const { status, error, stderr } = spawnSync('unshare', [...namespaces, 'sh', script, place], { encoding: 'utf8' })
  rmdirSync(place)
  return status === 0 ? null : `this machine gives no room of one's own: ${error?.message ?? stderr.trim()}`
}

export interface ListenerState {
  /** Runs a line of shell as root in the room; what it wrote. Throws when its status is not 0. */
  readonly run: (line: string, stdin?: string) => Promise<string>
  readonly write: (file: string, text: string) => Promise<void>
  readonly append: (file: string, text: string) => Promise<void>
  /** The text of a file; '' when it is not there. */
  readonly read: (file: string) => Promise<string>
  /** Ends every process in it; nothing of it is left. */
  readonly close: () => Promise<void>
}

/** Throws what the machine said when the room cannot be had. */
export async function openRoom(program: Program): Promise<ListenerState> {
  const place = await mkdtemp(join(tmpdir(), 'rethread-mta-'))
  const child = spawn('unshare', [...namespaces, 'sh', script, place, join(folder, program), root, process.execPath], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: environment,
  })
  const close = async () => {
    const closed = once(child, 'close')
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await closed
    }
    await rmdir(place)
  }
  const pid = await whenOpen(child).catch(async (error: unknown) => {
    await close()
    throw error
  })
  const run = (line: string, stdin = '') => runIn({ pid, root: join(place, 'root') }, line, stdin)
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
  return {
    run,
    close,
    write: async (file, text) =>
      void (await run(`mkdir -p "$(dirname ${quoted(file)})" && cat > ${quoted(file)}`, text)),
    append: async (file, text) => void (await run(`cat >> ${quoted(file)}`, text)),
    read: (file) => run(`if [ -e ${quoted(file)} ]; then cat ${quoted(file)}; fi`),
  }
}

const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }

async function whenOpen(child: ChildProcess): Promise<number> {
  const said = collect(child)
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', () => {
      const open = /^open (\d+)$/m.exec(said.stdout())
      if (open !== null) resolve(Number(open[1]))
    })
    child.once('close', () => {
      reject(new Error(`there is no room for an MTA here: ${said.stderr()}`))
    })
  })
}

// `root` is there in the room alone: nothing that is run can end up on the machine itself, whatever has become of the
// process.
async function runIn(
  { pid, root: inside }: { pid: number; root: string },
  line: string,
  stdin: string,
): Promise<string> {
  const child = spawn('nsenter', ['--target', String(pid), '--mount', '--pid', 'chroot', inside, 'sh', '-c', line], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: environment,
  })
  const said = collect(child)
  child.stdin.on('error', () => undefined).end(stdin)
  await once(child, 'close')
  if (child.exitCode !== 0)
    throw new Error(`status ${String(child.exitCode)} of: ${line}\n${said.stdout()}${said.stderr()}`)
  return said.stdout()
}

function collect(child: ChildProcess): { stdout: () => string; stderr: () => string } {
  const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
  child.stdout?.on('data', (chunk: Buffer) => chunks.stdout.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => chunks.stderr.push(chunk))
  return {
    stdout: () => Buffer.concat(chunks.stdout).toString('utf8'),
    stderr: () => Buffer.concat(chunks.stderr).toString('utf8'),
  }
}
