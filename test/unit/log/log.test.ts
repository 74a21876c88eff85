// Lines of the log: each key once, and a stack only where an error is not understood.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { describe, expect, test } from 'vitest'

const log = fileURLToPath(new URL('../../../src/log.ts', import.meta.url))
const errors = fileURLToPath(new URL('../../../src/errors.ts', import.meta.url))

/** What a log writes when `action` is called with it, a program of its own. */
function linesOf(action: string): string[] {
  const program = `
    import { createLog } from ${JSON.stringify(log)}
    import { MailError } from ${JSON.stringify(errors)}
    const log = createLog('info')
    ${action}`
  const args = ['--import', 'tsx', '--input-type=module', '--eval', program]
  const { stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    cwd: fileURLToPath(new URL('../../../', import.meta.url)),
  })
  return stderr.split('\n').filter((line) => line.startsWith('{'))
}

describe('a line of the log', () => {
  test('has its own keys once, whatever the fields are called', () => {
    const [line = ''] = linesOf(
      `log.info('webhook-retry', JSON.parse('{"event":"x","level":"y","time":"z","pid":0,"kept":1}'))`,
    )
    for (const name of ['event', 'level', 'time', 'pid']) expect(line.split(`"${name}":`)).toHaveLength(2)
    expect(JSON.parse(line)).toMatchObject({ event: 'webhook-retry', level: 'info', kept: 1 })
  })

  test('has no stack for an expected fault, and one for any other', () => {
    const lines = linesOf(`
      log.warn('fault', { error: new MailError('unavailable', '535 authentication failed') })
      const facts = { code: 'ECONNREFUSED', syscall: 'connect' }
      log.warn('fault', { error: Object.assign(new Error('connect ECONNREFUSED'), facts) })
      log.error('fault', { error: new TypeError('x is not a function') })`)
    const stacks = lines.map((line) => (JSON.parse(line) as { error: { stack?: string } }).error.stack)
    expect(stacks).toEqual([undefined, undefined, expect.stringContaining('TypeError')])
  })
})
