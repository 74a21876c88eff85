// Timed changes of conversations; called every few seconds by each process that works.

import { followWords } from '../matching/follow-words.ts'
import type { WriteDeps } from '../messages/create-message.ts'
import { autoResolve } from './auto-resolve.ts'
import { wakeSnoozed } from './wake-snoozed.ts'

/** Wakes and resolves due conversations, and indexes message texts; returns how many. */
export async function runTimed(deps: WriteDeps): Promise<number> {
  return (await followWords(deps.pool)) + (await wakeSnoozed(deps.pool)) + (await autoResolve(deps))
}
