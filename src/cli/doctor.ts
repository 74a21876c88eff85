// `rethread doctor`: one line for each check: ✓ ok, ! warning, ✗ fault and what to do. Where no service answers it
// looks at what can be seen without one. With --dns also what the DNS says, with the records to paste.

import type { Check } from '../app/doctor/finding.ts'
import { readConfig } from '../config.ts'
import { zoneLine } from '../mail/dns-record.ts'
import { CommandError, createClient, runCommand } from './client.ts'
import { print } from './print.ts'

/** Exit 0 when nothing is wrong (✓ and !), 1 when something is (✗), 69 when no service answers, 78 for settings. */
export async function run(args: string[]): Promise<number> {
  return runCommand('doctor', async () => {
    try {
      const { checks } = (await createClient().json(
        'GET',
        args.includes('--dns') ? '/api/v1/doctor?dns=true' : '/api/v1/doctor',
      )) as { checks: Check[] }
      show(checks, args)
      return checks.every((check) => check.ok) ? 0 : 1
    } catch (error) {
      if (!(error instanceof CommandError) || error.status !== 69 || readConfig().RETHREAD_URL !== undefined)
        throw error
      const { examineOffline } = await import('./doctor-offline.ts')
      show([{ name: 'service', ok: false, detail: error.message }, ...(await examineOffline(readConfig()))], args)
      return 69
    }
  })
}

function show(checks: readonly Check[], args: readonly string[]): void {
  if (args.includes('--json')) print(JSON.stringify({ checks }))
  else
    for (const check of checks)
      print([`${markOf(check)} ${check.name}: ${check.detail}`, ...recordsOf(check)].join('\n'))
}

function recordsOf({ records = [] }: Check): string[] {
  return records.map((record) => `    ${zoneLine(record)}`)
}

function markOf({ ok, attention }: Check): string {
  if (!ok) return '✗'
  return attention === true ? '!' : '✓'
}
