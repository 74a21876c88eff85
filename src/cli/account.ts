// `rethread account …`: what otherwise takes a console: features, the reply domain, the first agents. Over the API, as administrator of the installation.

import { parseArgs } from 'node:util'

import { CommandError, createClient, runCommand } from './client.ts'

interface Account {
  readonly id: number
  readonly name: string
  readonly domain: string | null
  readonly status: string
  readonly features: Readonly<Record<string, boolean>>
}

interface Agent {
  readonly id: number
  readonly name: string
  readonly email: string
  readonly role: string
  /** Of somebody who had none: told this once. */
  readonly access_token?: string
}

const usage = `Usage: rethread account list | create NAME [--domain D] | show ID
       rethread account set ID [--domain D] [--name N] [--status active|suspended]
       rethread account enable-feature ID NAME | disable-feature ID NAME
       rethread account add-agent ID EMAIL [--name N] [--role agent|administrator]
       rethread account delete ID [--confirm NAME]      suspends it; with its name, deletes it for good`

const path = '/api/v1/installation/accounts'
const options = { domain: { type: 'string' }, name: { type: 'string' }, status: { type: 'string' }, role: { type: 'string' }, confirm: { type: 'string' }, json: { type: 'boolean' } } as const

/** Exit 0, or a sysexits status with one line on stderr. */
export async function run(args: string[]): Promise<number> {
  return runCommand('account', async () => {
    const { positionals, values } = parse(args)
    const [act = 'list', subject, detail] = positionals
    const { method, url, body } = requestFor({ act, subject, detail, changes: changesOf(values) })
    const answer = await createClient().json(method, url, body)
    const rows = (Array.isArray(answer) ? answer : [answer]) as (Account | Agent)[]
    if (values.json === true) console.log(JSON.stringify(answer))
    else for (const row of rows) console.log('role' in row ? agentLine(row) : line(row))
    return 0
  })
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options })
  } catch (error) {
    throw new CommandError(`${error instanceof Error ? error.message : String(error)}\n${usage}`, 64)
  }
}

interface Wish {
  readonly act: string
  readonly subject: string | undefined
  /** A feature, or an address. */
  readonly detail: string | undefined
  readonly changes: Readonly<Record<string, string>>
}

interface ApiRequest {
  readonly method: string
  readonly url: string
  readonly body?: unknown
}

// What each act asks of the API; null where its arguments do not make one.
const acts: Readonly<Record<string, (wish: Wish) => ApiRequest | null>> = {
  list: () => ({ method: 'GET', url: path }),
  create: ({ subject, changes }) => (subject === undefined ? null : { method: 'POST', url: path, body: { name: subject, ...changes } }),
  show: ({ subject }) => one(subject, 'GET'),
  set: ({ subject, changes }) => (Object.keys(changes).length === 0 ? null : one(subject, 'PATCH', changes)),
  'add-agent': addAgent,
  delete: ({ subject, changes }) => one(subject, 'DELETE', changes),
  'enable-feature': (wish) => switchFeature(wish, true),
  'disable-feature': (wish) => switchFeature(wish, false),
}

function requestFor(wish: Wish): ApiRequest {
  const request = acts[wish.act]?.(wish) ?? null
  if (request === null) throw new CommandError(usage, 64)
  return request
}

function one(subject: string | undefined, method: string, body?: unknown): ApiRequest | null {
  return subject !== undefined && /^\d+$/.test(subject) ? { method, url: `${path}/${subject}`, body } : null
}

function addAgent({ subject, detail, changes }: Wish): ApiRequest | null {
  const account = one(subject, 'POST', { email: detail, ...changes })
  return detail === undefined || account === null ? null : { ...account, url: `${account.url}/account_users` }
}

function switchFeature({ subject, detail }: Wish, on: boolean): ApiRequest | null {
  return detail === undefined ? null : one(subject, 'PATCH', { features: { [detail]: on } })
}

function changesOf(values: Readonly<Record<string, string | boolean | undefined>>): Record<string, string> {
  const changes: Record<string, string> = {}
  for (const name of ['domain', 'name', 'status', 'role', 'confirm']) {
    const value = values[name]
    if (typeof value === 'string') changes[name] = value
  }
  return changes
}

function line({ id, name, domain, status, features }: Account): string {
  const on = Object.keys(features).filter((feature) => features[feature] === true)
  return `${String(id)}  ${name}  ${status}  domain ${domain ?? '(default)'}  features ${on.join(' ') || '(none)'}`
}

function agentLine({ id, name, email, role, access_token: token }: Agent): string {
  return `${String(id)}  ${name}  ${email}  ${role}${token === undefined ? '' : `  token ${token} (told this once)`}`
}
