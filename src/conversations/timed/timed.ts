// What the clock does to conversations; called every few seconds by each process that works.

import type { Writing } from '../messages/create-message.ts'
import { autoResolve } from './auto-resolve.ts'
import { wakeSnoozed } from './wake-snoozed.ts'

/** Wakes and resolves what is due; how many. */
export async function runTimed(writing: Writing): Promise<number> {
  return (await wakeSnoozed(writing.pool)) + (await autoResolve(writing))
}
