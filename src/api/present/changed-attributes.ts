// The changes of an event in Chatwoot's shape: [{"status": {"previous_value": "sent", "current_value": "read"}}, …].

import type { Changes } from '../../events/event-rows.ts'

/** One entry an attribute; of `content_attributes` the keys that differ. Never throws. */
export function changedAttributes(changes: Changes | null): readonly Readonly<Record<string, unknown>>[] {
  return Object.entries(changes ?? {}).map(([name, change]) => ({ [name]: change }))
}
