// `npm run score -- FOLDER`: what Rethread makes of a folder of mails, beside what is right. Each failure is printed
// with the wanted value on the left and ours on the right; the summary counts each kind. Exit status 1 if any failed.

import { existsSync } from 'node:fs'

import { type Finding, type ScoredCase, scoreFolder } from './score-cases.ts'

const columnWidth = 58
const maxRows = 40

const folder = process.argv[2]
if (folder === undefined || !existsSync(folder)) {
  console.error(`usage: npm run score -- FOLDER
  FOLDER has .eml files, each with a .json of the fields that are right, or named by its kind (bounce-…, person-…),
  and .jsonl files of reply texts, a line each: {"id", "input", "checks": [{"t": "eq|has|not|starts", "v"}]}`)
  process.exit(2)
}

const scored: ScoredCase[] = []
for await (const one of scoreFolder(folder)) {
  scored.push(one)
  for (const finding of one.findings.filter(isWrong)) print(one.name, finding)
}
summarise(scored)
process.exitCode = scored.some(isFailed) ? 1 : 0

function isWrong({ wanted, got }: Finding): boolean {
  return wanted !== got
}

function isFailed({ findings }: ScoredCase): boolean {
  return findings.some(isWrong)
}

function print(name: string, { what, wanted, got }: Finding): void {
  console.log(`\n${name}: ${what}`)
  const [left, right] = [wrap(wanted), wrap(got)]
  const rows = Math.min(Math.max(left.length, right.length), maxRows)
  for (let row = 0; row < rows; row++) console.log(`  ${(left[row] ?? '').padEnd(columnWidth)} | ${right[row] ?? ''}`)
  if (Math.max(left.length, right.length) > maxRows) console.log('  …')
}

function wrap(text: string): string[] {
  return text
    .split('\n')
    .flatMap((line) => line.match(new RegExp(`.{1,${String(columnWidth)}}`, 'gu')) ?? [''])
    .map((line) => line.replace(/\p{Cc}/gu, '·'))
}

function summarise(cases: readonly ScoredCase[]): void {
  console.log('')
  for (const kind of [...new Set(cases.map((one) => one.kind))].sort()) {
    const of = cases.filter((one) => one.kind === kind)
    const right = of.filter((one) => !isFailed(one)).length
    console.log(`${kind}: ${String(right)} of ${String(of.length)} right (${((100 * right) / of.length).toFixed(1)} %)`)
  }
  const slowest = cases.toSorted((one, other) => other.ms - one.ms)[0]
  if (slowest) console.log(`slowest: ${slowest.name}, ${slowest.ms.toFixed(1)} ms of CPU`)
  else console.log('no cases found')
}
