// `npm run bench -- [--only NAME] [--seconds N] [--database URL] [--json FILE] [--profile FOLDER] [--most MAILS]`:
// figures of docs/develop/benchmarks.md, all in one run. Without --only: the transports and the floor. By name, as they
// take longer: growth, soak, processes, command, overload, conversations, import, screen.

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { type TransportName, transports } from './clients.ts'
import { measureCommand } from './command.ts'
import { measureConversations } from './conversations.ts'
import { measureGrowth } from './growth.ts'
import { measureImport } from './import.ts'
import { type Figures, measureFloor, measureTransport } from './measure.ts'
import { measureOverload } from './overload.ts'
import { measureProcesses } from './processes.ts'
import { measureScreen } from './screen.ts'
import { type Service, startService } from './service.ts'
import { measureSoak } from './soak.ts'
import { startTable } from './table.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seconds: { type: 'string' },
    database: { type: 'string' },
    json: { type: 'string' },
    profile: { type: 'string' },
    most: { type: 'string' },
  },
})
const server = values.database ?? null
const names = Object.keys(transports) as TransportName[]
type Measure = (service: Service, seconds: number) => Promise<unknown[]> | unknown[]
const longer: Readonly<Record<string, Measure>> = {
  growth: (service, seconds) => measureGrowth(service, seconds, Number(values.most ?? Infinity)),
  soak: measureSoak,
  overload: measureOverload,
  command: measureCommand,
  conversations: measureConversations,
  import: measureImport,
  screen: measureScreen,
}
const known = [...names, 'floor', ...Object.keys(longer), 'processes']
const only = values.only ?? null
const seconds = Number(values.seconds ?? (only === 'soak' ? 180 : 10))
if (!Number.isFinite(seconds) || seconds <= 0 || (only !== null && !known.includes(only)))
  fail(`--seconds takes a number, --only one of: ${known.join(' ')}`)
if (only === 'processes' && server === null) fail('--only processes needs a server: --database postgres://…')

const ofMail = !['conversations', 'import', 'screen'].includes(only ?? '')
console.log(
  `${ofMail ? `a reply of 3 KB, ${String(seconds)} s each, ` : ''}on ` +
    `${server === null ? 'the embedded database' : 'the server given'}; absolute times wander with the ` +
    `machine\n`,
)
const results =
  only === 'processes' && server !== null
    ? await measureProcesses(server, seconds)
    : await withService(longer[only ?? ''])
if (values.json !== undefined)
  writeFileSync(
    values.json,
    `${JSON.stringify({ only, seconds, database: server === null ? 'embedded' : 'server', results }, null, 2)}\n`,
  )

async function withService(measure: Measure = measureWays): Promise<unknown[]> {
  const service = await startService({ server, profileTo: values.profile ?? null })
  try {
    return await measure(service, seconds)
  } finally {
    await service.stop()
  }
}

async function measureWays(service: Service): Promise<Figures[]> {
  const row = startTable([
    '',
    'mails',
    'accepted/s',
    'appended/s',
    'accept p50',
    'p99 ms',
    'append p50',
    'p99 ms',
    'CPU ms',
    'db CPU ms',
    'queries',
    'peak MB',
  ])
  const figures: Figures[] = []
  const report = (one: Figures): void => {
    figures.push(one)
    row(Object.values(one) as (string | number | null)[])
  }
  const wanted = names.filter((name) => only === null || only === name)
  if (wanted[0] !== undefined) await measureTransport(service, wanted[0], Math.min(2, seconds))
  for (const name of wanted) report(await measureTransport(service, name, seconds))
  if (only === null || only === 'floor') report(await measureFloor(service, seconds))
  const floor = figures.find(({ name }) => name === 'floor')
  if (floor !== undefined)
    for (const { name, acceptedPerSecond } of figures.filter((one) => one !== floor))
      console.log(
        `${name}: accepted at ${String(Math.round((100 * acceptedPerSecond) / floor.acceptedPerSecond))} % of ` +
          'the floor',
      )
  return figures
}

function fail(message: string): never {
  console.error(message)
  process.exit(64)
}
