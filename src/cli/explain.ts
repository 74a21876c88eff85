// `rethread explain [--sender S] [--recipient R] FILE | -`: what would become of a mail, and why. Nothing is written.

import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'

import type { StoredTraceEntry } from '../contracts/trace.ts'
import { CommandError, createClient, runCommand } from './client.ts'
import { print } from './print.ts'
import { traceTable } from './show.ts'

interface Explanation {
  readonly status: string
  readonly reason: string | null
  readonly trace: readonly StoredTraceEntry[]
}

const usage = 'Usage: rethread explain [--sender S] [--recipient R …] [--json] FILE | -'

/** Exit 0, 66 if the file does not exist, or a sysexits status. */
export async function run(args: string[]): Promise<number> {
  return runCommand('explain', async () => {
    const { positionals, values } = parse(args)
    const [file] = positionals
    if (file === undefined) throw new CommandError(usage, 64)
    const body = await readMail(file)
    const query = new URLSearchParams()
    if (values.sender !== undefined) query.set('sender', values.sender)
    for (const recipient of values.recipient ?? []) query.append('recipient', recipient)
    const bytes = await createClient().send('POST', `/api/v1/inbound_emails/explain?${query.toString()}`, {
      body,
      contentType: 'message/rfc822',
    })
    const text = Buffer.from(bytes).toString('utf8')
    const answer = JSON.parse(text) as Explanation
    print(
      values.json === true
        ? text
        : `${answer.status}${answer.reason === null ? '' : ` (${answer.reason})`}\n\n${traceTable(answer.trace)}`,
    )
    return 0
  })
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { sender: { type: 'string' }, recipient: { type: 'string', multiple: true }, json: { type: 'boolean' } },
    })
  } catch (error) {
    throw new CommandError(`${error instanceof Error ? error.message : String(error)}\n${usage}`, 64)
  }
}

async function readMail(file: string): Promise<Uint8Array> {
  try {
    return file === '-' ? await readStdin() : await readFile(file)
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, 66)
  }
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
