// What an MTA pays for each mail that it pipes: `rethread relay` from start to exit, beside an empty Node script and
// the relay in sh and curl.

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { makeMail } from './mail.ts'
import type { Service } from './service.ts'
import { startTable } from './table.ts'

const rounds = 30

/** Interleaved, so that the machine's mood is the same for all. */
export function measureCommand(service: Service): unknown[] {
  const options = [
    '--url',
    `http://127.0.0.1:${String(service.ports.http)}`,
    '--sender',
    'jane@example.com',
    '--recipient',
    service.replyAddress,
  ]
  const empty = join(service.folder, 'empty.mjs')
  writeFileSync(empty, '')
  const commands: Readonly<Record<string, readonly [string, ...string[]]>> = {
    'empty node': [process.execPath, empty],
    relay: [process.execPath, 'dist/main.js', 'relay', ...options],
    wrapper: ['bin/rethread-relay', ...options],
    'sh + curl': ['bin/rethread-relay-curl', ...options],
  }
  const times = new Map<string, number[]>(Object.keys(commands).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, [command, ...args]] of Object.entries(commands)) {
      const mail = makeMail(`command-${name.replace(/\W+/g, '-')}-${String(round)}`, service.replyAddress)
      const started = performance.now()
      const { status, stdout } = spawnSync(command, args, {
        input: mail,
        env: { PATH: process.env['PATH'], INGRESS_PASSWORD: service.password },
        encoding: 'utf8',
      })
      times.get(name)?.push(performance.now() - started)
      if (status !== 0) throw new Error(`${name} ended with ${String(status)}: ${stdout}`)
    }
  }
  const row = startTable(['command', 'median ms', 'minimum ms', 'above empty'])
  const median = (name: string): number =>
    times.get(name)?.sort((one, other) => one - other)[Math.floor(rounds / 2)] ?? 0
  return Object.keys(commands).map((name) => {
    const cells = [name, median(name), times.get(name)?.[0] ?? 0, median(name) - median('empty node')]
    row(cells)
    return cells
  })
}
