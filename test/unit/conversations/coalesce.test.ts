// Many small lookups become one query: each caller gets its own answer and no other.

import { describe, expect, test } from 'vitest'

import { batchLookups } from '../../../src/conversations/lookup/batch-lookups.ts'

function ask() {
  const asked: (readonly string[])[] = []
  const question = batchLookups(
    async (keys: readonly string[]) => {
      asked.push(keys)
      return keys
        .filter((key) => key !== 'unknown')
        .flatMap((key) =>
          key === 'twice'
            ? [
                { key, n: 1 },
                { key, n: 2 },
              ]
            : [{ key, n: 1 }],
        )
    },
    (row) => row.key,
  )
  return { question, asked }
}

describe('queries of one tick', () => {
  test('are one query, each key once', async () => {
    const { question, asked } = ask()
    await Promise.all([question(['a', 'b']), question(['b', 'c']), question([])])
    expect(asked).toEqual([['a', 'b', 'c']])
  })

  test('get their own answers only', async () => {
    const { question } = ask()
    expect(await Promise.all([question(['a', 'unknown']), question(['b', 'twice'])])).toEqual([
      [{ key: 'a', n: 1 }],
      [
        { key: 'b', n: 1 },
        { key: 'twice', n: 1 },
        { key: 'twice', n: 2 },
      ],
    ])
  })

  test('of the next tick are the next query', async () => {
    const { question, asked } = ask()
    await question(['a'])
    await question(['a'])
    expect(asked).toHaveLength(2)
  })

  test('with a NUL have no answer and do not affect the others', async () => {
    const { question, asked } = ask()
    expect(await Promise.all([question(['a\0']), question(['b'])])).toEqual([[], [{ key: 'b', n: 1 }]])
    expect(asked).toEqual([['b']])
  })

  test('all fail with the query, and later ones are queried again', async () => {
    let away = true
    const question = batchLookups(
      async (keys: readonly string[]) => (away ? Promise.reject(new Error('away')) : keys),
      String,
    )
    await expect(Promise.all([question(['a']), question(['b'])])).rejects.toThrow('away')
    away = false
    expect(await question(['a'])).toEqual(['a'])
  })
})
