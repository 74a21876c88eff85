// `rethread account …`: what otherwise takes a console: features, the reply domain. Over the API, as administrator of the installation.

import { parseArgs } from 'node:util'

import { CommandError, createClient, runCommand } from './client.ts'

interface Account {
  readonly id: number
  readonly name: string
  readonly domain: string | null
  readonly status: string
  readonly features: Readonly<Record<string, boolean>>
}

const usage = `Usage: rethread account list | create NAME [--domain D] | show ID
       rethread account set ID [--domain D] [--name N] [--status active|suspended]
       rethread account enable-feature ID NAME | disable-feature ID NAME`

const path = '/api/v1/installation/accounts'
const options = { domain: { type: 'string' }, name: { type: 'string' }, status: { type: 'string' }, json: { type: 'boolean' } } as const

/** Exit 0, or a sysexits status with one line on stderr. */
export async function run(args: string[]): Promise<number> {
  return runCommand('account', async () => {
    const { positionals, values } = parse(args)
    const [act = 'list', subject, feature] = positionals
    const { method, url, body } = requestFor({ act, subject, feature, changes: changesOf(values) })
    const answer = await createClient().json(method, url, body)
    const accounts = (Array.isArray(answer) ? answer : [answer]) as Account[]
    if (values.json === true) console.log(JSON.stringify(answer))
    else for (const account of accounts) console.log(line(account))
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
  readonly feature: string | undefined
  readonly changes: Readonly<Record<string, string>>
}

function requestFor({ act, subject, feature, changes }: Wish): { method: string; url: string; body?: unknown } {
  if (act === 'list') return { method: 'GET', url: path }
  if (act === 'create' && subject !== undefined) return { method: 'POST', url: path, body: { name: subject, ...changes } }
  if (subject === undefined || !/^\d+$/.test(subject)) throw new CommandError(usage, 64)
  const url = `${path}/${subject}`
  if (act === 'show') return { method: 'GET', url }
  if (act === 'set' && Object.keys(changes).length > 0) return { method: 'PATCH', url, body: changes }
  if ((act === 'enable-feature' || act === 'disable-feature') && feature !== undefined) return { method: 'PATCH', url, body: { features: { [feature]: act === 'enable-feature' } } }
  throw new CommandError(usage, 64)
}

function changesOf(values: Readonly<Record<string, string | boolean | undefined>>): Record<string, string> {
  const changes: Record<string, string> = {}
  for (const name of ['domain', 'name', 'status']) {
    const value = values[name]
    if (typeof value === 'string') changes[name] = value
  }
  return changes
}

function line({ id, name, domain, status, features }: Account): string {
  const on = Object.keys(features).filter((feature) => features[feature] === true)
  return `${String(id)}  ${name}  ${status}  domain ${domain ?? '(default)'}  features ${on.join(' ') || '(none)'}`
}
