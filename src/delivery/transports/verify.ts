// Checks a login with a request that sends nothing: an empty mail, which a provider refuses for its content once it has
// accepted the key.

import { TransportError } from '../transport.ts'

/** Resolves if the request is refused with `status`. Throws its error otherwise. */
export async function isRefusedFor(status: number, request: Promise<unknown>): Promise<void> {
  try {
    await request
  } catch (error) {
    if (error instanceof TransportError && error.message.includes(` answered ${String(status)}:`)) return
    throw error
  }
}
