// `rethread inbound list | show | raw | replay | file | open | discard | block | incinerate`: accepted mail, what
// became of it and why; over the API.

import { parseArgs } from 'node:util'

import { type Client, CommandError, createClient, runCommand } from './client.ts'
import { print, printable } from './print.ts'
import { listHead, mailLine, mailPage, type ShownMail } from './show.ts'

const usage = `Usage: rethread inbound list [--status S] [--reason R] [--query Q] [--page N]
       rethread inbound show | raw | replay | incinerate ID
       rethread inbound file ID CONVERSATION [--account A] [--send-as-agent] | rethread inbound file ID --undo
       rethread inbound open ID [--inbox I] | open ID --undo
       rethread inbound discard | block ID [--undo]`

const all = '/api/v1/inbound_emails'
type Values = Readonly<Record<string, string | boolean | undefined>>

/** Exit 0, or a sysexits status with one line on stderr. */
export async function run(args: string[]): Promise<number> {
  return runCommand('inbound', async () => {
    const { positionals, values } = parse(args)
    const [action = 'list', id, target] = positionals
    const client = createClient()
    if (action === 'list') return list(client, values)
    if (id === undefined || !/^\d+$/.test(id)) throw new CommandError(usage, 64)
    if (action === 'raw') writeRaw(await client.send('GET', `${all}/${id}/raw`))
    else if (action === 'incinerate') {
      await client.send('DELETE', `${all}/${id}`)
      print(`Deleted mail ${id} and the text of its message. This cannot be undone.`)
    } else show(await one(client, action, { id, target, values }), values)
    return 0
  })
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        status: { type: 'string' },
        reason: { type: 'string' },
        query: { type: 'string' },
        page: { type: 'string' },
        account: { type: 'string' },
        inbox: { type: 'string' },
        undo: { type: 'boolean' },
        'send-as-agent': { type: 'boolean' },
        json: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new CommandError(`${error instanceof Error ? error.message : String(error)}\n${usage}`, 64)
  }
}

async function one(
  client: Client,
  action: string,
  what: { id: string; target: string | undefined; values: Values },
): Promise<ShownMail> {
  const path = `${all}/${what.id}`
  if (action === 'show') return (await client.json('GET', path)) as ShownMail
  if (action === 'replay') return replay(client, path, what.values['json'] === true)
  if (action === 'file' && what.values['undo'] === true)
    return (await client.json('DELETE', `${path}/file`)) as ShownMail
  if (action === 'file' && what.target !== undefined)
    return file(client, path, { target: what.target, values: what.values })
  if (action === 'open' || action === 'discard' || action === 'block')
    return settle(client, `${path}/${action}`, { action, ...what })
  throw new CommandError(usage, 64)
}

async function settle(
  client: Client,
  path: string,
  { action, values }: { readonly action: 'open' | 'discard' | 'block'; readonly values: Values },
): Promise<ShownMail> {
  const undo = values['undo'] === true
  const inbox = typeof values['inbox'] === 'string' ? { inbox_id: Number(values['inbox']) } : {}
  const mail = (await (undo ? client.json('DELETE', path) : client.json('POST', path, inbox))) as ShownMail
  if (values['json'] !== true) print(undo ? `Taken back: the mail is ${mail.status}.` : doneOf(action, mail))
  return mail
}

function doneOf(action: 'open' | 'discard' | 'block', mail: ShownMail): string {
  if (action === 'open') return `Opened conversation ${String(mail.conversation_id ?? '')}.`
  if (action === 'block') return `Mail of ${mail.from ?? 'this sender'} is ignored from now on.`
  const until = mail.incinerates_at
  return `Discarded.${until == null ? '' : ` It is kept until ${new Date(until * 1000).toISOString().slice(0, 10)}.`}`
}

async function replay(client: Client, path: string, isJson: boolean): Promise<ShownMail> {
  const before = (await client.json('GET', path)) as ShownMail
  if (before.status === 'delivered') {
    if (!isJson) print('Already delivered; nothing to replay.')
    return before
  }
  return (await client.json('POST', `${path}/replay`)) as ShownMail
}

async function file(
  client: Client,
  path: string,
  { target, values }: { readonly target: string; readonly values: Values },
): Promise<ShownMail> {
  const account = typeof values['account'] === 'string' ? { account_id: Number(values['account']) } : {}
  const send = values['send-as-agent'] === true
  const mail = (await client.json('GET', path)) as ShownMail
  const body = { conversation_id: Number(target), ...account, ...(send ? { send } : {}) }
  const filed = (await client.json('POST', `${path}/file`, body).catch((error: unknown) => {
    if (!(error instanceof CommandError) || error.httpStatus !== 404) throw error
    const where = account.account_id ?? mail.account_id
    throw new CommandError(
      `There is no conversation ${target}${where === null ? '' : ` in account ${String(where)}`}.`,
      65,
    )
  })) as ShownMail
  if (values['json'] !== true) print(filedAs(filed, send))
  return filed
}

function filedAs({ from, trace }: ShownMail, isSent: boolean): string {
  if (!isSent) return 'Filed as an incoming message. Nothing was sent to the customer.'
  const agent = from ?? 'the agent'
  return trace?.some(({ outcome }) => outcome === 'private-note') === true
    ? `Filed as a private note of ${agent}. Nothing was sent to the customer.`
    : `Filed as the answer of ${agent}, and sent to the customer.`
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
  const answer = (await client.json('GET', `${all}?${query.toString()}`)) as {
    meta: { count: number }
    payload: ShownMail[]
  }
  if (values['json'] === true) print(JSON.stringify(answer))
  else if (answer.payload.length === 0) print('no mail')
  else
    print(
      [
        listHead,
        ...answer.payload.map(mailLine),
        `${String(answer.payload.length)} of ${String(answer.meta.count)}; "rethread inbound show ID" gives reasons`,
      ].join('\n'),
    )
  return 0
}

function show(mail: ShownMail, values: Values): void {
  print(values['json'] === true ? JSON.stringify(mail) : mailPage(mail))
}

// Byte for byte, unless a person looks at it.
function writeRaw(bytes: Uint8Array): void {
  process.stdout.write(
    process.stdout.isTTY ? printable(Buffer.from(bytes).toString('utf8').replaceAll('\r\n', '\n')) : bytes,
  )
}
