// `rethread account …`: administration for which Chatwoot needs a Rails console: features, the reply domain, the first
// agents. Over the API, as administrator of the installation.

import { parseArgs } from 'node:util'

import { CommandError, createClient, runCommand } from './client.ts'
import { print, table } from './print.ts'

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
  /** The first password of a new user; returned once. */
  readonly access_token?: string
}

interface LoginLink {
  readonly url: string
  readonly email: string
}

const usage = `Usage: rethread account list | create NAME [--domain D] | show ID
       rethread account set ID [--domain D] [--name N] [--status active|suspended]
       rethread account enable-feature ID NAME | disable-feature ID NAME
       rethread account add-agent ID EMAIL [--name N] [--role agent|administrator]
       rethread account login-link [EMAIL]              a link that signs in once
       rethread account delete ID [--confirm NAME]      suspends it; with its name, deletes it for good`

/** The features that the service knows. */
const knownFeatures = ['inbound_emails', 'channel_email', 'email_continuity_on_api_channel']

const path = '/api/v1/installation/accounts'
const options = {
  domain: { type: 'string' },
  name: { type: 'string' },
  status: { type: 'string' },
  role: { type: 'string' },
  confirm: { type: 'string' },
  json: { type: 'boolean' },
} as const

/** Exit 0, or a sysexits status with one line on stderr. */
export async function run(args: string[]): Promise<number> {
  return runCommand('account', async () => {
    const { positionals, values } = parse(args)
    const [action = 'list', subject, detail] = positionals
    const { method, url, body } = requestFor({ action, subject, detail, changes: changesOf(values) })
    const answer = await createClient()
      .json(method, url, body)
      .catch((error: unknown) => {
        if (action !== 'add-agent' || !(error instanceof CommandError) || !isTaken(error)) throw error
        throw new CommandError(`${String(detail)} is already in account ${String(subject)}.`, 65)
      })
    const rows = (Array.isArray(answer) ? answer : [answer]) as (Account | Agent)[]
    if (values.json === true) print(JSON.stringify(answer))
    else if (action === 'login-link') print(loginLine(answer as LoginLink))
    else print(action === 'delete' ? deleted(rows, subject, values.confirm) : pageOf(rows))
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

interface AccountRequest {
  readonly action: string
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

// The API request of each action; null if the arguments do not fit.
const actions: Readonly<Record<string, (request: AccountRequest) => ApiRequest | null>> = {
  list: () => ({ method: 'GET', url: path }),
  create: ({ subject, changes }) =>
    subject === undefined ? null : { method: 'POST', url: path, body: { name: subject, ...changes } },
  show: ({ subject }) => one(subject, 'GET'),
  set: ({ subject, changes }) => (Object.keys(changes).length === 0 ? null : one(subject, 'PATCH', changes)),
  'add-agent': addAgent,
  'login-link': ({ subject }) => ({ method: 'POST', url: '/api/v1/login_links', body: { email: subject } }),
  delete: ({ subject, changes }) => one(subject, 'DELETE', changes),
  'enable-feature': (request) => switchFeature(request, true),
  'disable-feature': (request) => switchFeature(request, false),
}

function requestFor(request: AccountRequest): ApiRequest {
  const apiRequest = actions[request.action]?.(request) ?? null
  if (apiRequest === null) throw new CommandError(usage, 64)
  return apiRequest
}

function one(subject: string | undefined, method: string, body?: unknown): ApiRequest | null {
  return subject !== undefined && /^\d+$/.test(subject) ? { method, url: `${path}/${subject}`, body } : null
}

function addAgent({ subject, detail, changes }: AccountRequest): ApiRequest | null {
  const account = one(subject, 'POST', { email: detail, ...changes })
  return detail === undefined || account === null ? null : { ...account, url: `${account.url}/account_users` }
}

function switchFeature({ subject, detail }: AccountRequest, on: boolean): ApiRequest | null {
  if (detail === undefined) return null
  // Any feature that the account has can be switched off, even under an unknown name.
  if (on && !knownFeatures.includes(detail))
    throw new CommandError(`Unknown feature "${detail}". Known features: ${knownFeatures.join(', ')}.`, 64)
  return one(subject, 'PATCH', { features: { [detail]: on } })
}

function isTaken({ httpStatus, message }: CommandError): boolean {
  return httpStatus === 422 && message.includes('User has already been taken')
}

function deleted(rows: readonly unknown[], subject: string | undefined, confirm: string | undefined): string {
  const name = (rows as readonly (Account | null)[])[0]?.name ?? confirm ?? ''
  const account = `Account ${String(subject)} (${name})`
  return confirm === undefined
    ? `${account} is suspended. Undo: rethread account set ${String(subject)} --status active`
    : `${account} is suspended now, and deleted permanently. This cannot be undone.`
}

function changesOf(values: Readonly<Record<string, string | boolean | undefined>>): Record<string, string> {
  const changes: Record<string, string> = {}
  for (const name of ['domain', 'name', 'status', 'role', 'confirm']) {
    const value = values[name]
    if (typeof value === 'string') changes[name] = value
  }
  return changes
}

function pageOf(rows: readonly (Account | Agent)[]): string {
  const [first] = rows
  if (first !== undefined && 'role' in first) return (rows as readonly Agent[]).map(agentLine).join('\n')
  return table(
    ['id', 'name', 'status', 'domain', 'features'],
    (rows as readonly (Account | null)[])
      .filter((row) => row !== null)
      .map(({ id, name, domain, status, features }) => [
        String(id),
        name,
        status,
        domain ?? '(default)',
        Object.keys(features)
          .filter((feature) => features[feature] === true)
          .join(' ') || '(none)',
      ]),
  )
}

function loginLine({ url, email }: LoginLink): string {
  return `${url}\nSigns in as ${email}, once, within 15 minutes.`
}

function agentLine({ id, name, email, role, access_token: token }: Agent): string {
  return `${String(id)}  ${name}  ${email}  ${role}${token === undefined ? '' : `  token ${token} (shown once)`}`
}
