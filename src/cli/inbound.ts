// `rethread inbound list | show | raw | replay | file | incinerate`: accepted mail, what became of it and why; over the API.

import { parseArgs } from 'node:util'

import { CommandError, createClient, runCommand, type Client } from './client.ts'
import { listHead, mailLine, mailPage, type ShownMail } from './show.ts'

const usage = `Usage: rethread inbound list [--status S] [--reason R] [--query Q] [--page N]
       rethread inbound show | raw | replay | incinerate ID
       rethread inbound file ID CONVERSATION [--account A] | rethread inbound file ID --undo`

const all = '/api/v1/inbound_emails'
type Values = Readonly<Record<string, string | boolean | undefined>>

/** Exit 0, or a sysexits status with one line on stderr. */
export async function run(args: string[]): Promise<number> {
  return runCommand('inbound', async () => {
    const { positionals, values } = parse(args)
    const [act = 'list', id, target] = positionals
    const client = createClient()
    if (act === 'list') return list(client, values)
    if (id === undefined || !/^\d+$/.test(id)) throw new CommandError(usage, 64)
    if (act === 'raw') process.stdout.write(await client.send('GET', `${all}/${id}/raw`))
    else if (act === 'incinerate') {
      await client.send('DELETE', `${all}/${id}`)
      console.log(`inbound email ${id} is incinerated`)
    } else show(await one(client, act, { id, target, values }), values)
    return 0
  })
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { status: { type: 'string' }, reason: { type: 'string' }, query: { type: 'string' }, page: { type: 'string' }, account: { type: 'string' }, undo: { type: 'boolean' }, json: { type: 'boolean' } },
    })
  } catch (error) {
    throw new CommandError(`${error instanceof Error ? error.message : String(error)}\n${usage}`, 64)
  }
}

async function one(client: Client, act: string, what: { id: string; target: string | undefined; values: Values }): Promise<ShownMail> {
  const path = `${all}/${what.id}`
  if (act === 'show') return (await client.json('GET', path)) as ShownMail
  if (act === 'replay') return (await client.json('POST', `${path}/replay`)) as ShownMail
  if (act === 'file' && what.values['undo'] === true) return (await client.json('DELETE', `${path}/file`)) as ShownMail
  if (act === 'file' && what.target !== undefined) {
    const account = typeof what.values['account'] === 'string' ? { account_id: Number(what.values['account']) } : {}
    return (await client.json('POST', `${path}/file`, { conversation_id: Number(what.target), ...account })) as ShownMail
  }
  throw new CommandError(usage, 64)
}

async function list(client: Client, values: Values): Promise<number> {
  const query = new URLSearchParams()
  for (const [option, name] of [
    ['status', 'status'],
    ['reason', 'reason'],
    ['query', 'q'],
    ['page', 'page'],
  ] as const) {
    const value = values[option]
    if (typeof value === 'string') query.set(name, value)
  }
  const answer = (await client.json('GET', `${all}?${query.toString()}`)) as { meta: { count: number }; payload: ShownMail[] }
  if (values['json'] === true) console.log(JSON.stringify(answer))
  else if (answer.payload.length === 0) console.log('no mail')
  else console.log([listHead, ...answer.payload.map(mailLine), `${String(answer.payload.length)} of ${String(answer.meta.count)}; "rethread inbound show ID" tells why`].join('\n'))
  return 0
}

function show(mail: ShownMail, values: Values): void {
  console.log(values['json'] === true ? JSON.stringify(mail) : mailPage(mail))
}
