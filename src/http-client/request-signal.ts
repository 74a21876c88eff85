// Carries a signal that ends when the client has left through everything awaited for it (AsyncLocalStorage). The API
// starts it (api/request/leaving.ts), the pool of the API's queries listens (db/cancellable-pool.ts).

import { AsyncLocalStorage } from 'node:async_hooks'

const askers = new AsyncLocalStorage<AbortSignal>()

/** Runs `action` for a client whose leaving aborts `signal`. */
export function actionFor<T>(signal: AbortSignal, action: () => T): T {
  return askers.run(signal, action)
}

/** The signal of the client that is being served, or undefined. Never throws. */
export function askerSignal(): AbortSignal | undefined {
  return askers.getStore()
}
