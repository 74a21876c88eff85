// The pool of parser threads, with threads that hang, run out of memory or crash at a mail that says so.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { afterAll, afterEach, describe, expect, test } from 'vitest'

import { createParserPool, type ParserOptions, type ParserPool } from '../../../src/parsing/pool.ts'

const folder = mkdtempSync(join(tmpdir(), 'parser-'))
const workerUrl = pathToFileURL(join(folder, 'worker.mjs'))
// Reads no mail: gives its text back, unless the mail asks for worse.
writeFileSync(
  workerUrl,
  `import { parentPort, threadId } from 'node:worker_threads'
  let asked = 0
  parentPort.on('message', ({ id, mails }) => {
    asked++
    const parsed = mails.map(({ raw, reversePath }) => {
      const text = Buffer.from(raw).toString('utf8')
      if (text.includes('hang')) for (;;);
      if (text.includes('eat')) { const eaten = []; for (;;) eaten.push(new Array(100_000).fill({})) }
      if (text.includes('crash')) throw new Error('a bug')
      if (text.includes('exit')) process.exit(0)
      return { text, reversePath, threadId, asked, degraded: null }
    })
    parentPort.postMessage({ id, mails: parsed })
  })`,
)

const pools: ParserPool[] = []
const openPool = (options: Partial<ParserOptions> = {}): ParserPool => {
  const pool = createParserPool({ workers: 1, timeoutMs: 30_000, maxHeapMb: 32, workerUrl, ...options })
  pools.push(pool)
  return pool
}
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

// Longer than a thread takes to start on a busy machine.
const deadline = { timeoutMs: 1_500 }
const job = (text: string) => ({ raw: Buffer.from(`Subject: ${text}\r\n\r\n${text}`), reversePath: 'a@x.example' })
const textOf = (mail: { text: string; degraded: string | null }) => mail.degraded ?? mail.text.split('\r\n\r\n')[1]

describe('a mail that crashes its thread', () => {
  test.each([
    ['hang', /^only the header could be read: it took longer than 750 ms$/],
    ['eat', /^only the header could be read: it needs more memory than one mail may have$/],
    ['crash', /^only the header could be read: the parser failed: a bug$/],
    ['exit', /^only the header could be read: the parser stopped$/],
  ])(
    'is parsed as degraded, and mails beside it are complete',
    async (evil, why) => {
      const parsed = await openPool(evil === 'hang' ? deadline : {}).parse([job('one'), job(evil), job('two')])
      expect([textOf(parsed[0]!), textOf(parsed[2]!)]).toEqual(['one', 'two'])
      expect(parsed[1]).toMatchObject({ degraded: expect.stringMatching(why) as string, subject: evil, text: '' })
    },
    20_000,
  )

  test('does not affect later batches', async () => {
    const pool = openPool()
    await pool.parse([job('crash')])
    expect((await pool.parse([job('one')])).map(textOf)).toEqual(['one'])
  })

  test('delays the batch in the same thread, without losing a mail', async () => {
    const pool = openPool(deadline)
    const batches = await Promise.all([pool.parse([job('one'), job('hang')]), pool.parse([job('two'), job('three')])])
    expect(batches[1].map(textOf)).toEqual(['two', 'three'])
    expect(batches[0].map((mail) => mail.degraded === null)).toEqual([true, false])
  }, 20_000)

  test('does not touch the other threads', async () => {
    const pool = openPool({ workers: 2, timeoutMs: 5_000 })
    let hangs = true
    const hanging = pool.parse([job('hang')]).finally(() => (hangs = false))
    expect((await pool.parse([job('one')])).map(textOf)).toEqual(['one'])
    expect(hangs).toBe(true)
    expect((await hanging)[0]?.degraded).not.toBeNull()
  }, 30_000)
})

describe('a flood of mails that hang', () => {
  test('ends after half the deadline for each, two at a time, with every mail answered in order', async () => {
    const pool = openPool({ timeoutMs: 1_000 })
    const flood = Array.from({ length: 12 }, (_, i) => job(i === 6 ? 'one' : 'hang'))
    const startedAt = performance.now()
    const parsed = await pool.parse(flood)
    // one after the other with the whole deadline: 12 s
    expect(performance.now() - startedAt).toBeLessThan(8_000)
    expect(parsed.map((mail) => mail.degraded === null)).toEqual(flood.map((_, i) => i === 6))
    expect(parsed[0]?.degraded).toMatch(/longer than 500 ms$/)
  }, 30_000)

  test('leaves the threads for batches free', async () => {
    const pool = openPool({ timeoutMs: 1_500 })
    const flood = pool.parse(Array.from({ length: 6 }, () => job('hang')))
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    expect((await pool.parse([job('one')])).map(textOf)).toEqual(['one'])
    expect((await flood).every((mail) => mail.degraded !== null)).toBe(true)
  }, 30_000)

  test('is refused, not degraded, when the pool closes in its midst', async () => {
    const pool = openPool({ timeoutMs: 1_000 })
    const refused = expect(pool.parse(Array.from({ length: 12 }, () => job('hang')))).rejects.toThrow(/the parser/)
    await new Promise((resolve) => setTimeout(resolve, 1_700))
    await pool.close()
    await refused
  }, 30_000)

  test('loses no good mail beside one that hangs, also when fewer than five wait', async () => {
    const pool = openPool(deadline)
    const batches = await Promise.all([pool.parse([job('hang'), job('one'), job('two')]), pool.parse([job('three')])])
    expect(batches.map((mails) => mails.slice(-1).map(textOf))).toEqual([['two'], ['three']])
    expect((await pool.parse([job('hang')]))[0]?.degraded).not.toBeNull()
  }, 30_000)
})

test('results are in order, with the SMTP envelope of each', async () => {
  const parsed = await openPool().parse([job('b'), job('a')])
  expect(parsed.map(textOf)).toEqual(['b', 'a'])
  expect(parsed[0]).toMatchObject({ reversePath: 'a@x.example' })
})

test('threads share the load', async () => {
  const pool = openPool({ workers: 2 })
  const parsed = await Promise.all([pool.parse([job('a')]), pool.parse([job('b')])])
  expect(new Set(parsed.map(([mail]) => (mail as unknown as { threadId: number }).threadId)).size).toBe(2)
})

test('an empty batch is not sent to a thread', async () => {
  expect(await openPool().parse([])).toEqual([])
})

test('a slice of a larger buffer is sent without the buffer', async () => {
  const whole = Buffer.from('Subject: secret of another mail\r\n\r\nsecret')
  const [mail] = await openPool().parse([{ raw: whole.subarray(-6), reversePath: null }])
  expect(mail?.text).toBe('secret')
})

test('after closing it refuses: a stop does not degrade a mail', async () => {
  const pool = openPool()
  await pool.close()
  await expect(pool.parse([job('one')])).rejects.toThrow(/the parser is closed/)
})

test('closing refuses running work, too', async () => {
  const pool = openPool({ timeoutMs: 60_000 })
  const refused = expect(pool.parse([job('hang')])).rejects.toThrow(/the parser/)
  await pool.close()
  await refused
})
