// Reads vitest's JSON report; names what failed or was skipped, and ends with the line that sums it up.

import { readFileSync } from 'node:fs'

let report = { testResults: [], numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, success: false }
try {
  report = JSON.parse(readFileSync(process.argv[2], 'utf8'))
} catch (error) {
  console.log(`there is no test report: ${error.message}`)
}
// A file that cannot even be loaded has no tests to count.
const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'))
for (const file of broken) console.log(`failed: ${file.name}: ${file.message}`)
// Tests of MTAs that .ci/run could not fetch.
const missing = process.env.MISSING_MTAS ?? ''
let excused = 0
for (const file of report.testResults) {
  for (const test of file.assertionResults) {
    if (['passed', 'failed'].includes(test.status)) continue
    console.log(`skipped: ${test.fullName}`)
    if (missing !== '' && file.name.includes('/test/mta/')) excused++
  }
}
if (missing !== '') console.log(missing)
const skipped = report.numPendingTests + report.numTodoTests
const failed = report.numFailedTests + broken.length
console.log(`${report.numPassedTests} passed, ${failed} failed, ${skipped} skipped`)
process.exitCode = report.success && failed === 0 && skipped === excused ? 0 : 1
