// `rethread suppression list | remove`: the addresses that an account does not mail, after a bounce, a complaint, or by
// hand; over the API.

import { parseArgs } from 'node:util'

import { addressKey } from '../mail/address.ts'
import { type Client, CommandError, createClient, runCommand } from './client.ts'
import { print, table } from './print.ts'

interface Suppressed {
  readonly id: number
  readonly email: string
  readonly reason: string
  readonly detail: string
  /** Seconds since 1970. */
  readonly created_at: number
}

interface Page {
  readonly meta: { readonly count: number; readonly current_page: number }
  readonly payload: readonly Suppressed[]
}

/** Exit 0, or a sysexits status with one line on stderr. */
export async function run(args: string[]): Promise<number> {
  return runCommand('suppression', async () => {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: { account: { type: 'string' }, page: { type: 'string' }, json: { type: 'boolean' } },
    })
    const [action = 'list', words] = positionals
    const path = `/api/v1/accounts/${values.account ?? '1'}/suppressed_addresses`
    const client = createClient()
    if (action === 'remove') {
      const { id, email } = await find(client, path, words ?? '')
      await client.send('DELETE', `${path}/${String(id)}`)
      print(`Mail to ${email} leaves again. Messages that were not sent stay so: send them again.`)
      return 0
    }
    const page = await read(client, path, { q: words, page: values.page })
    print(values.json === true ? JSON.stringify(page) : sayPage(page))
    return 0
  })
}

function read(
  client: Client,
  path: string,
  asked: { readonly q: string | undefined; readonly page: string | undefined },
): Promise<Page> {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(asked)) if (value !== undefined) query.set(name, value)
  return client.json('GET', `${path}?${query.toString()}`) as Promise<Page>
}

// Searching finds parts of addresses as well.
async function find(client: Client, path: string, email: string): Promise<Suppressed> {
  const wanted = addressKey(email)
  for (let page = 1; ; page++) {
    const { payload } = await read(client, path, { q: wanted, page: String(page) })
    const found = payload.find((one) => one.email === wanted)
    if (found !== undefined) return found
    if (payload.length === 0) throw new CommandError(`${email} is not on the list of suppressed addresses.`, 65)
  }
}

function sayPage({ meta: { count, current_page: page }, payload }: Page): string {
  if (payload.length === 0) return count === 0 ? 'No address is suppressed.' : `There is no page ${String(page)}.`
  const rows = payload.map(({ email, reason, created_at: at, detail }) => [
    email,
    reason,
    new Date(at * 1000).toISOString().slice(0, 10),
    detail,
  ])
  const all = table(['address', 'reason', 'since', 'detail'], rows)
  return count > payload.length ? `${all}\n${String(count)} in all; this is page ${String(page)}.` : all
}
