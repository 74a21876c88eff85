import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { createByteBudget } from '../../../src/ingress/reading/budget.ts'
import { createIntake } from '../../../src/ingress/reading/intake.ts'

const anyPace = { timeoutMs: 60_000, minBytesPerSecond: 0, windowMs: 1000 }
const bytes = (length: number) => Buffer.alloc(length, 'x')

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

describe('createByteBudget', () => {
  it('grants no more than its size, and again what was released', () => {
    const budget = createByteBudget(10)
    expect([budget.reserve(6), budget.reserve(5), budget.reserve(4), budget.reserve(1)]).toEqual([
      true,
      false,
      true,
      false,
    ])
    budget.release(6)
    expect(budget.used()).toBe(4)
    expect(budget.reserve(6)).toBe(true)
  })
})

describe('createIntake', () => {
  it('releases every byte, however it ends', () => {
    const budget = createByteBudget(100)
    const take = createIntake({ maxBytes: 50, budget, pace: anyPace }, () => undefined)
    take.add(bytes(20))
    take.add(bytes(30))
    expect([take.take().length, budget.used()]).toEqual([50, 50])
    take.release()
    take.release()
    expect(budget.used()).toBe(0)
    const tooLarge = createIntake({ maxBytes: 50, budget, pace: anyPace }, () => undefined)
    tooLarge.add(bytes(50))
    tooLarge.add(bytes(1))
    tooLarge.add(bytes(1))
    expect([tooLarge.fault()?.kind, budget.used()]).toEqual(['too-large', 0])
    expect(() => tooLarge.take()).toThrow('more than 50 bytes')
    tooLarge.release()
    expect(budget.used()).toBe(0)
  })

  it('copies each chunk, so that its buffer can be reused', () => {
    const chunk = bytes(3)
    const intake = createIntake({ maxBytes: 10, budget: createByteBudget(10), pace: anyPace }, () => undefined)
    intake.add(chunk)
    const raw = intake.take()
    chunk.fill('y')
    expect(raw.toString()).toBe('xxx')
    intake.release()
  })

  it('allows the first window, then reports a sender below the minimum rate as slow, once', () => {
    const onSlow = vi.fn()
    const intake = createIntake(
      {
        maxBytes: 1e6,
        budget: createByteBudget(1e6),
        pace: { timeoutMs: 60_000, minBytesPerSecond: 10, windowMs: 5000 },
      },
      onSlow,
    )
    vi.advanceTimersByTime(4999)
    intake.add(bytes(50))
    vi.advanceTimersByTime(1)
    expect(onSlow).not.toHaveBeenCalled()
    intake.add(bytes(49))
    vi.advanceTimersByTime(5000)
    expect(onSlow).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(60_000)
    expect(onSlow).toHaveBeenCalledTimes(1)
    expect(intake.fault()?.kind).toBe('unavailable')
  })

  it('stops its timers when it is taken or released', () => {
    const onSlow = vi.fn()
    const pace = { timeoutMs: 100, minBytesPerSecond: 10, windowMs: 50 }
    createIntake({ maxBytes: 10, budget: createByteBudget(10), pace }, onSlow).take()
    createIntake({ maxBytes: 10, budget: createByteBudget(10), pace }, onSlow).release()
    vi.advanceTimersByTime(1000)
    expect(onSlow).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })
})
