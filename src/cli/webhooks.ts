// `rethread webhooks listen | test | deliveries | redeliver`: events in the terminal, without a URL; and what was
// sent to a webhook; over the API.

import { parseArgs } from 'node:util'

import { type Client, CommandError, createClient, runCommand } from './client.ts'
import { print, table } from './print.ts'

interface Delivery {
  readonly id: string
  readonly event: string
  readonly state: string
  readonly log: readonly { readonly response_code: number | null; readonly error: string | null }[]
}

interface Test {
  readonly state: 'delivered' | 'failed'
  readonly response_code: number | null
  readonly error: string | null
  readonly duration_ms: number
}

/** Exit 0, or a sysexits status with one line on stderr. */
export async function run(args: string[]): Promise<number> {
  return runCommand('webhooks', async () => {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: { account: { type: 'string' }, json: { type: 'boolean' } },
    })
    const [action, id = '', delivery = ''] = positionals
    const base = `/api/v1/accounts/${values.account ?? '1'}`
    const client = createClient()
    const isJson = values.json === true
    if (action === 'listen') return listen(client, `${base}/events`, isJson)
    const path = `${base}/webhooks/${id}/deliveries`
    if (action === 'deliveries') {
      const answer = (await client.json('GET', path)) as { payload: Delivery[] }
      show(answer.payload, isJson ? answer : null)
      return 0
    }
    if (action === 'test') return test(client, `${base}/webhooks/${id}/test`, isJson)
    const sent = (await client.json('POST', `${path}/${encodeURIComponent(delivery)}/redeliver`)) as Delivery
    show([sent], isJson ? sent : null)
    return 0
  })
}

async function test(client: Client, path: string, isJson: boolean): Promise<number> {
  const done = (await client.json('POST', path)) as Test
  const { response_code: code, error, duration_ms: duration } = done
  if (isJson) print(JSON.stringify(done))
  else if (code !== null) print(`The receiver answered ${String(code)} in ${String(duration)} ms.`)
  if (done.state === 'delivered') return 0
  throw new CommandError(
    code === null
      ? `No answer: ${error ?? 'unknown'}.`
      : 'It must answer with 200 to 299: this event would be sent again.',
    65,
  )
}

function show(deliveries: readonly Delivery[], json: object | null): void {
  if (json !== null) print(JSON.stringify(json))
  else
    print(
      table(
        ['id', 'event', 'state', 'last answer'],
        deliveries.map(({ id, event, state, log }) => [
          id,
          event,
          state,
          String(log.at(-1)?.error ?? log.at(-1)?.response_code ?? 'not tried yet'),
        ]),
      ),
    )
}

// server-sent events (HTML Living Standard §9.2): each ends with an empty line.
async function listen(client: Client, path: string, isJson: boolean): Promise<number> {
  if (!isJson) console.error('Listening. Ctrl-C ends it.')
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of await client.stream(path)) {
    rest += decoder.decode(chunk, { stream: true })
    const parts = rest.split('\n\n')
    rest = parts.pop() ?? ''
    for (const part of parts) showEvent(part, isJson)
  }
  throw new CommandError('The service ended the stream.', 75)
}

function showEvent(text: string, isJson: boolean): void {
  const field = (name: string): string =>
    text
      .split('\n')
      .filter((line) => line.startsWith(`${name}: `))
      .map((line) => line.slice(name.length + 2))
      .join('\n')
  const [event, data] = [field('event'), field('data')]
  if (event === '' || data === '') return
  print(isJson ? JSON.stringify({ event, data: JSON.parse(data) as unknown }) : `${event}  ${data}`)
}
