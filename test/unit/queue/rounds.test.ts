// Rounds of work: never two at once, none forgotten, and an end that is waited for.

import { setImmediate } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { startRounds } from '../../../src/queue/rounds.ts'

function startHeld() {
  const ends: ((result: boolean | Error) => void)[] = []
  const faults: unknown[] = []
  const rounds = startRounds({
    pollMs: null,
    round: () =>
      new Promise<boolean>((resolve, reject) => {
        ends.push((result) => {
          if (result instanceof Error) reject(result)
          else resolve(result)
        })
      }),
    onFault: (error) => void faults.push(error),
  })
  const end = async (result: boolean | Error) => {
    ends.at(-1)?.(result)
    await setImmediate()
  }
  return { rounds, faults, end, count: () => ends.length }
}

test('one begins at once, and another after each that found work', async () => {
  const { end, count } = startHeld()
  expect(count()).toBe(1)
  await end(true)
  expect(count()).toBe(2)
  await end(false)
  expect(count()).toBe(2)
})

test('a wake-up during a round causes one more round', async () => {
  const { rounds, end, count } = startHeld()
  rounds.wake()
  rounds.wake()
  expect(count()).toBe(1)
  await end(false)
  expect(count()).toBe(2)
  await end(false)
  expect(count()).toBe(2)
})

test('a fault is reported, and ends the rounds until the next wake-up', async () => {
  const { rounds, faults, end, count } = startHeld()
  rounds.wake()
  await end(new Error('the database is away'))
  expect([count(), faults.map(String)]).toEqual([1, ['Error: the database is away']])
  rounds.wake()
  expect(count()).toBe(2)
})

test('the end waits for the round under way, and there is none after it', async () => {
  const { rounds, end, count } = startHeld()
  let stopped = false
  const stopping = rounds.stop().then(() => {
    stopped = true
  })
  await setImmediate()
  expect(stopped).toBe(false)
  await end(true)
  await stopping
  rounds.wake()
  expect([stopped, count()]).toEqual([true, 1])
})
