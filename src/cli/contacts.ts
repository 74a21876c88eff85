// `rethread contacts import --account ID FILE.csv`: sends the file to the running service, shows its progress, and
// prints the refused rows; over the API, so that it may run anywhere. Exit 0; 65 when rows were refused or the file is
// not a CSV.

import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { parseArgs } from 'node:util'

import { type Client, CommandError, createClient, runCommand } from './client.ts'
import { print, printable } from './print.ts'

const usage = 'Usage: rethread contacts import --account ID FILE.csv [--json]'

interface Transfer {
  readonly id: number
  readonly status: 'pending' | 'processing' | 'completed' | 'failed'
  readonly total_records: number | null
  readonly processed_records: number
  readonly created_records: number
  readonly changed_records: number
  readonly refused_records: number
  readonly error: string | null
}

const askEveryMs = 250

/** Exit 0, or a sysexits status with one line on stderr. */
export async function run(args: string[]): Promise<number> {
  return runCommand('contacts', async () => {
    const { account, file, json } = parse(args)
    const client = createClient()
    const path = await send(client, account, file)
    const done = await follow(client, path, json ? null : process.stderr)
    if (json) print(JSON.stringify(done))
    else print(summaryOf(done))
    if (done.error !== null) throw new CommandError(done.error, 65)
    if (done.refused_records === 0) return 0
    if (!json) {
      // Lines of a CSV end in CR LF (RFC 4180); a CR within one is content.
      const csv = new TextDecoder().decode(await client.send('GET', `${path}/refused.csv`))
      process.stdout.write(csv.split('\r\n').map(printable).join('\r\n'))
    }
    return 65
  })
}

function parse(args: string[]): { account: string; file: string; json: boolean } {
  try {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: { account: { type: 'string' }, json: { type: 'boolean' } },
    })
    const [action, file] = positionals
    if (action !== 'import' || file === undefined || !/^\d+$/.test(values.account ?? ''))
      throw new Error('an action, an account and a file are needed')
    return { account: values.account ?? '', file, json: values.json === true }
  } catch (error) {
    throw new CommandError(`${error instanceof Error ? error.message : String(error)}\n${usage}`, 64)
  }
}

async function send(client: Client, account: string, file: string): Promise<string> {
  const size = await stat(file).catch(() => null)
  if (size?.isFile() !== true) throw new CommandError(`No such file: ${file}`, 66)
  const { location } = await client.upload(`/api/v1/accounts/${account}/contacts/import`, {
    body: Readable.toWeb(createReadStream(file)) as ReadableStream,
    contentType: 'text/csv',
  })
  if (location === null)
    throw new CommandError('the service did not say where the import is; is it older than this command?', 76)
  return location
}

async function follow(client: Client, path: string, shownOn: NodeJS.WriteStream | null): Promise<Transfer> {
  for (;;) {
    const transfer = (await client.json('GET', path)) as Transfer
    if (shownOn?.isTTY === true) shownOn.write(`\r${bar(transfer)}`)
    if (transfer.status === 'completed' || transfer.status === 'failed') {
      if (shownOn?.isTTY === true) shownOn.write('\n')
      return transfer
    }
    await new Promise((resolve) => setTimeout(resolve, askEveryMs))
  }
}

function bar({ total_records: total, processed_records: done }: Transfer): string {
  if (total === null) return 'reading …'
  const filled = total === 0 ? 40 : Math.round((40 * done) / total)
  return `[${'#'.repeat(filled)}${'.'.repeat(40 - filled)}] ${String(done)} of ${String(total)}`
}

function summaryOf({ created_records: created, changed_records: changed, refused_records: refused }: Transfer): string {
  const counted = (count: number, noun: string): string => `${String(count)} ${noun}${count === 1 ? '' : 's'}`
  const done = `${counted(created, 'contact')} created, ${String(changed)} updated`
  return refused === 0 ? `${done}.` : `${done}, ${counted(refused, 'row')} refused:`
}
