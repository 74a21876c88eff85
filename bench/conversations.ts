// What the API's lists take in an account of 100,000 conversations and 1,000,000 messages, over HTTP: one client
// alone, and four at once, which keep two processors busy.

import { ask, askMany, type Question } from './ask.ts'
import { fillConversations } from './conversations-data.ts'
import type { Service } from './service.ts'
import { startTable } from './table.ts'

const account = '/api/v1/accounts/1'
const list = `${account}/conversations`
const requests = 300
// Of a word that an eighth of a million messages have, a search takes a second.
const searches = 60
const sorts = [
  'last_activity_at_desc',
  'last_activity_at_asc',
  'created_at_desc',
  'priority_desc',
  'waiting_since_asc',
  'last_user_message_at',
  'unread',
]
const words = [
  'refund',
  'broken screen',
  'battery charger',
  'invoice',
  'courier',
  'number 4711',
  'person4711',
  'Person 99',
]

const condition = (key: string, values: readonly unknown[], operator = 'equal_to') => ({
  attribute_key: key,
  filter_operator: operator,
  values,
  query_operator: null as string | null,
})
const filters: Readonly<Record<string, readonly ReturnType<typeof condition>[]>> = {
  'filter status, label': [
    { ...condition('status', ['open']), query_operator: 'AND' },
    condition('labels', ['billing']),
  ],
  'filter assignee, priority': [
    { ...condition('assignee_id', [5]), query_operator: 'AND' },
    condition('priority', ['urgent', 'high']),
  ],
  'filter created, subject': [
    { ...condition('created_at', ['2020-01-01'], 'is_greater_than'), query_operator: 'AND' },
    condition('mail_subject', ['Order 777'], 'contains'),
  ],
}

/** Fills the database of `service` first. p99 of each list is to stay under 50 ms for a client alone. */
export async function measureConversations(service: Service): Promise<unknown[]> {
  console.log('making 100,000 conversations and 1,000,000 messages …')
  const started = performance.now()
  const sql = await service.sql.connect()
  try {
    await sql.query('set rethread.silent = on')
    await fillConversations(sql)
  } finally {
    sql.release(true)
  }
  console.log(`made in ${String(Math.round((performance.now() - started) / 1000))} s\n`)
  const row = startTable(['p50 ms', 'p99 ms', 'p50 of 4', 'p99 of 4', 'CPU ms', 'db CPU ms', 'KB', '  what'])
  const results: unknown[] = []
  for (const [name, next] of Object.entries(await questionsOf(service))) {
    const times = name.startsWith('search') ? searches : requests
    const alone = await askMany(service, { requests: times, clients: 1 }, next)
    const four = await askMany(service, { requests: times, clients: 4 }, next)
    row([
      alone.p50Ms,
      alone.p99Ms,
      four.p50Ms,
      four.p99Ms,
      four.cpuMs,
      four.databaseCpuMs,
      four.kilobytes,
      `  ${name}${alone.p99Ms < 50 ? '' : '   (above 50 ms)'}`,
    ])
    results.push({ name, alone, four })
  }
  return results
}

async function questionsOf(service: Service): Promise<Record<string, (n: number) => Question>> {
  const { data } = (await ask(service, { path: `${list}?status=open` })) as {
    data: { payload: readonly { id: number }[] }
  }
  if (data.payload.length !== 25) throw new Error(`a page of ${String(data.payload.length)} conversations`)
  const conversation = (n: number): string => `${list}/${String(1001 + ((n * 7919) % 100_000))}`
  const fixed = (path: string) => (): Question => ({ path })
  return {
    'list, page 1': fixed(list),
    'list, page 40': fixed(`${list}?page=40`),
    ...Object.fromEntries(sorts.map((sort) => [`list by ${sort}`, fixed(`${list}?sort_by=${sort}`)])),
    'list, mine': fixed(`${list}?assignee_type=me`),
    'list, assigned': fixed(`${list}?assignee_type=assigned`),
    'list, unassigned': fixed(`${list}?assignee_type=unassigned`),
    'list, unattended': fixed(`${list}?conversation_type=unattended`),
    'list, of a team, labelled': fixed(`${list}?team_id=1&labels[]=billing`),
    'list, every status': fixed(`${list}?status=all`),
    'counts (meta)': fixed(`${list}/meta?status=open`),
    ...Object.fromEntries(
      Object.entries(filters).map(([name, payload]) => [
        name,
        (): Question => ({ method: 'POST', path: `${list}/filter`, body: { payload } }),
      ]),
    ),
    'search conversations': (n) => ({ path: `${list}/search?q=${encodeURIComponent(words[n % words.length] ?? '')}` }),
    'search contacts': (n) => ({ path: `${account}/contacts/search?q=person${String(1 + ((n * 7919) % 100_000))}` }),
    'list contacts': fixed(`${account}/contacts?sort=-last_activity_at`),
    'one conversation': (n) => ({ path: conversation(n) }),
    messages: (n) => ({ path: `${conversation(n)}/messages` }),
    'message, written': (n) => ({
      method: 'POST',
      path: `${conversation(n)}/messages`,
      body: { content: `It leaves today (${String(n)}).` },
    }),
    'note, written': (n) => ({
      method: 'POST',
      path: `${conversation(n)}/messages`,
      body: { content: `Look at this (${String(n)}).`, private: true },
    }),
  }
}
