// The author of a change of a conversation: an agent, a bot, a rule, a contact, or the system. The activity in the
// conversation shows the name; events carry the kind and the number.

import type { Tx } from '../db/pool.ts'
import { performedBy, type PerformerKey } from './record-event.ts'

export type Performer =
  | { readonly kind: 'user'; readonly id: number; readonly name: string; readonly role: 'agent' | 'administrator' }
  | { readonly kind: 'agent_bot'; readonly id: number; readonly name: string }
  | { readonly kind: 'automation_rule'; readonly id: number }
  | { readonly kind: 'contact'; readonly id: number; readonly name: string }
  | { readonly kind: 'system' }

/** The name in an activity, as Chatwoot writes it; null for the system, which writes no activity. Never throws. */
export function nameOf(by: Performer): string | null {
  if (by.kind === 'automation_rule') return 'Automation System'
  return by.kind === 'system' ? null : by.name
}

/** The performer as events store it; null for the system. Never throws. */
export function performerKey(by: Performer): PerformerKey | null {
  return by.kind === 'system' ? null : `${by.kind}:${String(by.id) as `${number}`}`
}

/** Stores the performer with all events that further changes of this transaction cause. */
export async function setPerformer(tx: Tx, by: Performer): Promise<void> {
  const key = performerKey(by)
  if (key !== null) await performedBy(tx, key)
}
