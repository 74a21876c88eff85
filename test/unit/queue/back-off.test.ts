// When a failed thing is tried again: soon at first, then ever later, never for ever.

import { describe, expect, test } from 'vitest'

import { workBackOffMs } from '../../../src/queue/runner.ts'
import { backOffMs, maxAttempts } from '../../../src/store/feed/claim.ts'

const total = (delays: readonly number[]): number => delays.reduce((sum, delay) => sum + delay, 0)
const attempts = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

describe('outgoing work', () => {
  const delays = attempts(13).map((count) => workBackOffMs(count))

  test('waits 15 s, then twice as long each time, at most four hours', () => {
    expect(delays.slice(0, 3)).toEqual([15_000, 30_000, 60_000])
    expect(Math.max(...delays)).toBe(4 * 3_600_000)
    expect(delays).toEqual([...delays].sort((one, other) => one - other))
  })

  test('waits as long as the other side asks, at most four hours, and never less than without it', () => {
    expect([workBackOffMs(1, 600), workBackOffMs(1, 1), workBackOffMs(12, 600), workBackOffMs(1, 999_999)]).toEqual([
      600_000, 15_000, 14_400_000, 14_400_000,
    ])
  })

  test('is retried for about a day or longer before it fails', () => {
    expect(total(delays)).toBeGreaterThan(12 * 3_600_000)
  })
})

describe('accepted mail', () => {
  test('waits 2 s, then twice as long each time, at most an hour', () => {
    expect(attempts(3).map(backOffMs)).toEqual([2_000, 4_000, 8_000])
    expect(backOffMs(0)).toBe(2_000)
    expect(backOffMs(1_000)).toBe(3_600_000)
  })

  test('is tried eight times', () => {
    expect(maxAttempts).toBe(8)
  })
})
