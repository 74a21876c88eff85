// What the kernel was asked to do, and when: system calls of the service and of its database in one order.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Service } from '../support/service.ts'
import { until } from '../support/until.ts'

/** Whether strace is there and may trace. */
export function canTrace(): boolean {
  const isThere = spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0
  if (!isThere) console.warn('skipped: strace is not there, or may not trace')
  return isThere
}

/**
 * Traces the service and all of its embedded database while `action` runs; the lines in the order in which the kernel
 * saw the calls.
 */
export async function traceCalls(service: Service, action: () => Promise<void>): Promise<string[]> {
  const postmaster = Number.parseInt(await readFile(join(service.embeddedFolder, 'postmaster.pid'), 'utf8'), 10)
  const backends = (await readFile(`/proc/${String(postmaster)}/task/${String(postmaster)}/children`, 'utf8'))
    .trim()
    .split(' ')
  const pids = [service.pid, postmaster, ...backends].map(String)
  const file = join(service.dataDir, `trace-${String(Date.now())}`)
  const tracer = spawn(
    'strace',
    [
      '-f',
      '-y',
      '-s',
      '8192',
      '-e',
      'trace=read,recvfrom,write,writev,sendto,fdatasync,fsync',
      '-o',
      file,
      ...pids.flatMap((pid) => ['-p', pid]),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  tracer.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
  const ended = once(tracer, 'close')
  // A backend that was idle may have gone meanwhile.
  await until(
    'strace attached',
    () =>
      pids.every((pid) => new RegExp(`Process ${pid} attached|attach.*\\b${pid}\\b`).test(said)) ||
      tracer.exitCode !== null,
  )
  try {
    await action()
  } finally {
    tracer.kill('SIGINT')
    await ended
  }
  return (await readFile(file, 'latin1')).split('\n')
}

/**
 * Acknowledgements that were written before the write-ahead log was flushed, of mails that are known by their words.
 */
export function findUnflushed(
  calls: readonly string[],
  acknowledged: readonly { readonly words: string; readonly reply: RegExp }[],
): string[] {
  const flushes = flushedAt(calls)
  return acknowledged.flatMap(({ words, reply }) => {
    const arrived = calls.findIndex((call) => call.includes(words))
    const answered = calls.findIndex(
      (call, at) => at > arrived && /^\d+ +(?:write|writev|sendto)\(/.test(call) && reply.test(call),
    )
    if (arrived < 0 || answered < 0)
      return [`${words}: the trace does not show its ${arrived < 0 ? 'arrival' : 'answer'}`]
    return flushes.some((at) => at > arrived && at < answered) ? [] : [`${words}: answered before a flush`]
  })
}

// Where a flush of the write-ahead log is done: on one line, or where the kernel went on with it.
function flushedAt(calls: readonly string[]): number[] {
  const begun = new Set<string>()
  return calls.flatMap((call, at) => {
    const [, pid = ''] = /^(\d+) /.exec(call) ?? []
    if (/ f(?:data)?sync\(\d+<[^>]*\/pg_wal\//.test(call)) {
      if (/= 0$/.test(call)) return [at]
      begun.add(pid)
    } else if (/<\.\.\. f(?:data)?sync resumed>.*= 0$/.test(call) && begun.delete(pid)) return [at]
    return []
  })
}
