// `rethread domains list | remove`: at which domains mail is accepted, and until when; over the API.

import { parseArgs } from 'node:util'

import { createClient, runCommand } from './client.ts'
import { print, table } from './print.ts'

interface Domain {
  readonly domain: string
  readonly account_id: number | null
  readonly state: string
  readonly accepted_until: string
}

const all = '/api/v1/installation/reply_domains'

/** Exit 0, or a sysexits status with one line on stderr. */
export async function run(args: string[]): Promise<number> {
  return runCommand('domains', async () => {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: { account: { type: 'string' }, json: { type: 'boolean' } },
    })
    const [action, domain = ''] = positionals
    const client = createClient()
    if (action === 'remove') {
      const base = values.account === undefined ? all : `/api/v1/accounts/${values.account}/reply_domains`
      await client.send('DELETE', `${base}/${encodeURIComponent(domain)}`)
      print(`Mail to ${domain} is no longer accepted.`)
      return 0
    }
    const { payload } = (await client.json('GET', all)) as { payload: Domain[] }
    if (values.json === true) print(JSON.stringify({ payload }))
    else
      print(
        table(
          ['domain', 'account', 'state', 'accepted until'],
          payload.map((row) => [
            row.domain,
            row.account_id === null ? 'all' : String(row.account_id),
            row.state,
            row.state === 'current' ? '' : row.accepted_until.slice(0, 10),
          ]),
        ),
      )
    return 0
  })
}
