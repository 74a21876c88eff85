// `npm run bench -- [--only relay|lmtp|smtp|floor] [--seconds N] [--database URL] [--json FILE] [--profile FOLDER]`: figures of CONTRACT §5, all in one run.

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { transports, type TransportName } from './clients.ts'
import { measureFloor, measureTransport, type Figures } from './measure.ts'
import { startService } from './service.ts'

const { values } = parseArgs({ options: { only: { type: 'string' }, seconds: { type: 'string', default: '10' }, database: { type: 'string' }, json: { type: 'string' }, profile: { type: 'string' } } })
const seconds = Number(values.seconds)
const names = [...(Object.keys(transports) as TransportName[])]
const wanted = (name: string): boolean => values.only === undefined || values.only === name
if (!Number.isFinite(seconds) || seconds <= 0 || !(['floor', ...names] as string[]).some(wanted)) {
  console.error(`--seconds takes a number, --only one of: floor ${names.join(' ')}`)
  process.exit(64)
}

console.log(`32 connections, a reply of 3 KB, ${String(seconds)} s each, on ${values.database === undefined ? 'the embedded database' : 'the server given'}\n`)
console.log(['', 'mails', 'accepted/s', 'appended/s', 'accept p50', 'p99 ms', 'append p50', 'p99 ms', 'CPU ms', 'db CPU ms', 'queries', 'peak MB'].map((title, column) => title.padStart(column === 0 ? 6 : 11)).join(''))
const service = await startService(values.database ?? null, values.profile ?? null)
const results: Figures[] = []
try {
  if (names.some(wanted)) await measureTransport(service, names.find(wanted) ?? 'relay', Math.min(2, seconds))
  for (const name of names.filter(wanted)) report(await measureTransport(service, name, seconds))
  if (wanted('floor')) report(await measureFloor(service, seconds))
} finally {
  await service.stop()
}
const floor = results.find(({ name }) => name === 'floor')
if (floor !== undefined) for (const { name, acceptedPerSecond } of results.filter((figures) => figures !== floor)) console.log(`${name}: accepted at ${String(Math.round((100 * acceptedPerSecond) / floor.acceptedPerSecond))} % of the floor`)
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ seconds, database: values.database === undefined ? 'embedded' : 'server', results }, null, 2)}\n`)

function report(figures: Figures): void {
  results.push(figures)
  const { name, mails, ...numbers } = figures
  const cells = [numbers.acceptedPerSecond, numbers.appendedPerSecond, numbers.acceptP50Ms, numbers.acceptP99Ms, numbers.appendP50Ms, numbers.appendP99Ms, numbers.cpuMsPerMail, numbers.databaseCpuMsPerMail, numbers.queriesPerMail, numbers.peakRssMb]
  console.log([name.padStart(6), String(mails).padStart(11), ...cells.map((cell) => (cell === null ? '-' : cell.toFixed(cell < 100 ? 2 : 0)).padStart(11))].join(''))
}
