// `rethread dns`: the records of the reply domain and the sending domains, as lines of a zone file to paste.

import { parseArgs } from 'node:util'

import { type DnsRecord, zoneLine } from '../mail/dns-record.ts'
import { CommandError, createClient, runCommand } from './client.ts'
import { print } from './print.ts'

interface Answer {
  readonly records: readonly (DnsRecord & { readonly why: string })[]
  readonly notes: readonly string[]
}

/** Exit 0, or a sysexits status with one line on stderr. */
export async function run(args: string[]): Promise<number> {
  return runCommand('dns', async () => {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: { account: { type: 'string' }, json: { type: 'boolean' } },
    })
    const query = new URLSearchParams({
      ...(positionals[0] === undefined ? {} : { domain: positionals[0] }),
      ...(values.account === undefined ? {} : { account_id: values.account }),
    })
    const answer = (await createClient()
      .json('GET', `/api/v1/dns?${query.toString()}`)
      .catch((error: unknown) => {
        throw error instanceof CommandError && error.httpStatus === 404
          ? new CommandError(`There is no account ${values.account ?? ''}.`, error.status)
          : error
      })) as Answer
    if (values.json === true) print(JSON.stringify(answer))
    else {
      for (const note of answer.notes) print(`; ${note}`)
      for (const record of answer.records) print(`; ${record.why}\n${zoneLine(record)}`)
    }
    return 0
  })
}
