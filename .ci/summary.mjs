// `node .ci/summary.mjs REPORT SECOND`: reads vitest's JSON report, and that of the files that ran once more; names what
// failed, was skipped, or passed at the second attempt only, and ends with the line that sums it up.

import { existsSync, readFileSync } from 'node:fs'

let report = { testResults: [] }
try {
  report = JSON.parse(readFileSync(process.argv[2], 'utf8'))
} catch (error) {
  console.log(`there is no test report: ${error.message}`)
}
const second = process.argv[3] ?? ''
const again = existsSync(second) ? JSON.parse(readFileSync(second, 'utf8')).testResults : []
const results = report.testResults.map((file) => again.find(({ name }) => name === file.name) ?? file)
const failedAtFirst = report.testResults.flatMap((file) => file.assertionResults).filter(({ status }) => status === 'failed')
const tests = results.flatMap((file) => file.assertionResults)
const count = (status) => tests.filter((test) => test.status === status).length
for (const { fullName, failureMessages } of failedAtFirst)
  if (tests.some((test) => test.fullName === fullName && test.status === 'passed'))
    console.log(`passed at the second attempt only: ${fullName}: ${failureMessages[0]?.split('\n')[0] ?? ''}`)
// A file that cannot even be loaded has no tests to count.
const isBroken = (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed')
const broken = results.filter(isBroken)
for (const file of broken) console.log(`failed: ${file.name}: ${file.message}`)
// Tests of MTAs that .ci/run could not fetch.
const missing = process.env.MISSING_MTAS ?? ''
let excused = 0
for (const file of results) {
  for (const test of file.assertionResults) {
    if (['passed', 'failed'].includes(test.status)) continue
    console.log(`skipped: ${test.fullName}`)
    if (missing !== '' && file.name.includes('/test/mta/')) excused++
  }
}
if (missing !== '') console.log(missing)
const failed = count('failed') + broken.length
const skipped = tests.length - count('passed') - count('failed')
console.log(`${count('passed')} passed, ${failed} failed, ${skipped} skipped`)
process.exitCode = count('passed') > 0 && failed === 0 && skipped === excused ? 0 : 1
