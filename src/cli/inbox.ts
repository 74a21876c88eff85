// `rethread inbox list | set`: the inboxes of an account and their addresses; over the API.

import { parseArgs } from 'node:util'

import { CommandError, createClient, runCommand } from './client.ts'
import { print, table } from './print.ts'

interface Inbox {
  readonly id: number
  readonly name: string
  readonly channel_type: string
  readonly email?: string | null
}

/** Exit 0, or a sysexits status with one line on stderr. */
export async function run(args: string[]): Promise<number> {
  return runCommand('inbox', async () => {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: { email: { type: 'string' }, json: { type: 'boolean' } },
    })
    const [action, account = '', inbox = ''] = positionals
    const path = `/api/v1/accounts/${account}/inboxes`
    const client = createClient()
    if (action === 'set' && values.email === undefined) throw new CommandError('--email is missing.', 64)
    const answer =
      action === 'set'
        ? await client.json('PATCH', `${path}/${inbox}`, { channel: { email: values.email } })
        : await client.json('GET', path)
    const rows = action === 'set' ? [answer as Inbox] : (answer as { payload: Inbox[] }).payload
    if (values.json === true) print(JSON.stringify(answer))
    else
      print(
        table(
          ['id', 'name', 'channel', 'address'],
          rows.map((row) => [String(row.id), row.name, row.channel_type, row.email ?? '']),
        ),
      )
    return 0
  })
}
