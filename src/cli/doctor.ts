// `rethread doctor`: one line a check, ✓ or what to do; exit 1 if anything is wrong.

import { createClient, runCommand } from './client.ts'

interface Check {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

/** Exit 0 when all is well, 1 when not, 69 when no service answers. */
export async function run(args: string[]): Promise<number> {
  return runCommand('doctor', async () => {
    const { checks } = (await createClient().json('GET', '/api/v1/doctor')) as { checks: Check[] }
    if (args.includes('--json')) console.log(JSON.stringify({ checks }))
    else for (const { name, ok, detail } of checks) console.log(`${ok ? '✓' : '✗'} ${name}: ${detail}`)
    return checks.every((check) => check.ok) ? 0 : 1
  })
}
