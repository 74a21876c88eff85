// What an event changes in the cache. Each feature says for itself which events concern it.

import type { QueryClient } from '@tanstack/react-query'

import { applyToConversations } from '../conversations/apply-event'
import { applyToMail } from '../mail/apply-event'
import type { LiveEvent } from './protocol'

export function applyEvent(queries: QueryClient, accountId: number, event: LiveEvent): void {
  applyToConversations(queries, accountId, event)
  applyToMail(queries, accountId, event)
  if (event.name.startsWith('contact.')) void queries.invalidateQueries({ queryKey: ['contacts', accountId] })
  if (event.name.startsWith('inbox.')) void queries.invalidateQueries({ queryKey: ['inboxes', accountId] })
}
