// Accepted mail that was held, or whose state changed.

import type { QueryClient } from '@tanstack/react-query'

import type { LiveEvent } from '../live/protocol'

export function applyToMail(queries: QueryClient, accountId: number, event: LiveEvent): void {
  if (event.name.startsWith('inbound_email.')) void queries.invalidateQueries({ queryKey: ['mail', accountId] })
}
