// A CSV is read in a time that grows with its size, whatever quotes it holds: an import runs in the process that
// takes mail.

import { describe, expect, it } from 'vitest'

import { readCsv } from '../../src/conversations/import/read-csv.ts'

const chunkBytes = 256 * 1024
async function* chunksOf(text: string): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += chunkBytes) yield await Promise.resolve(bytes.subarray(at, at + chunkBytes))
}

const read = async (text: string) => {
  const values: string[][] = []
  const rows = readCsv(chunksOf(text), { encoding: 'utf-8', delimiter: ',', skipsFirstLine: false })
  for await (const row of rows) values.push([...row.values])
  return values
}

// CPU time: other work on the machine does not count.
const cpuMs = async (action: () => Promise<unknown>) => {
  const before = process.cpuUsage()
  await action()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const times = 100_000
describe('the work of reading a CSV', () => {
  it.each<[string, string]>([
    ['values with quotes that are not doubled', '"a"b"c"d,'.repeat(times)],
    ['values with one such quote', '"a"b,'.repeat(times)],
    ['such values after one that is long', `"a"${'b"c'.repeat(times)},${'"a"b,'.repeat(times)}`],
    ['doubled quotes', '"a""b",'.repeat(times)],
    ['quotes alone', '"'.repeat(8 * times)],
    ['delimiters alone', ','.repeat(8 * times)],
  ])('grows with the size of a row: %s', async (_kind, row) => {
    expect(await cpuMs(() => read(`name,email\n${row}\nAnna,anna@one.example\n`))).toBeLessThan(5_000)
  })

  it('reads the values of a long row as those of a short one', async () => {
    const values = (await read(`${'"a"b"c"d,'.repeat(3)}\n"x" y,"z"\n`))[0]
    expect((await read('"a"b"c"d,'.repeat(1_000)))[0]?.slice(0, 3)).toEqual(values?.slice(0, 3))
  })
})
