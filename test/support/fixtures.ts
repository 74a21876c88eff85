// What most test files need around them: called in a `describe`, each starts something before its tests and ends it
// after them. The value may be used in tests and hooks; it is empty before.

import { afterAll, beforeAll, expect } from 'vitest'

import { startApi, type TestApi } from './api.ts'
import { startService } from './service.ts'

type TestService = Awaited<ReturnType<typeof startService>>

/** The API on a database of its own. Its tests must leave no fault in the log. */
export function useApi(options: Parameters<typeof startApi>[0] = {}): TestApi {
  return use(
    () => startApi(options),
    async (api) => {
      await api.stop()
      expect(api.faults).toEqual([])
    },
  )
}

/** A running service on a database of its own. */
export function useService(options: Parameters<typeof startService>[0] = {}): TestService {
  return use(
    () => startService(options),
    (service) => service[Symbol.asyncDispose](),
  )
}

function use<T extends object>(start: () => Promise<T>, end: (started: T) => Promise<void>): T {
  const handle = {} as T
  let started: T | undefined
  beforeAll(async () => {
    started = await start()
    Object.defineProperties(handle, Object.getOwnPropertyDescriptors(started))
  })
  afterAll(async () => {
    if (started !== undefined) await end(started)
  })
  return handle
}
