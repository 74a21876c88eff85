// Who does something to a conversation: an agent, a bot, a rule, a contact, or we ourselves. People read the name in
// the activity that the act leaves in the conversation; its events are marked with the kind and the number.

import type { Performer as Mark } from './record-event.ts'

export type Performer =
  | { readonly kind: 'user'; readonly id: number; readonly name: string; readonly role: 'agent' | 'administrator' }
  | { readonly kind: 'agent_bot'; readonly id: number; readonly name: string }
  | { readonly kind: 'automation_rule'; readonly id: number }
  | { readonly kind: 'contact'; readonly id: number; readonly name: string }
  | { readonly kind: 'system' }

/** The name in an activity, as Chatwoot writes it; null for us: then nothing is said. Never throws. */
export function nameOf(by: Performer): string | null {
  if (by.kind === 'automation_rule') return 'Automation System'
  return by.kind === 'system' ? null : by.name
}

/** What the events of an act are marked with; null for us. Never throws. */
export function markOf(by: Performer): Mark | null {
  return by.kind === 'system' ? null : `${by.kind}:${String(by.id) as `${number}`}`
}
