// `node .ci/again.mjs REPORT SECOND`: runs the files that failed once more, alone, when they are at most three: tests at
// a real clock, browser and network fail now and then on a busy machine. .ci/summary.mjs names every test that needed
// it. Exits 0 only when all of them pass.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const [, , report, second] = process.argv
const most = 3

let failed = []
try {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
  failed = testResults.filter(({ status }) => status === 'failed').map(({ name }) => name)
} catch (error) {
  console.log(`there is no test report: ${error.message}`)
}
if (failed.length === 0 || failed.length > most) process.exit(1)

console.log(`\nonce more, alone: ${failed.join(', ')}`)
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${second}`]
const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...failed, ...reporters], {
  stdio: 'inherit',
})
process.exitCode = status ?? 1
