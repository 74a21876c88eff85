// An open conversation on a visible page is read: when it is opened, and when a message comes while the page has the
// focus.

import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'

import { api, type Conversation } from '../../api/client'
import { putRead } from '../apply-event'
import { findConversation } from '../cache'
import { countsKey } from '../counts'

export function useSeen(accountId: number, conversation: Conversation | undefined): void {
  const queries = useQueryClient()
  const displayId = conversation?.id
  const unread = conversation?.unread_count ?? 0
  useEffect(() => {
    if (displayId === undefined || unread === 0) return undefined
    const see = (): void => {
      if (document.hasFocus()) void markSeen(queries, accountId, displayId)
    }
    see()
    addEventListener('focus', see)
    return () => {
      removeEventListener('focus', see)
    }
  }, [queries, accountId, displayId, unread])
}

// There is no event for it, so the lists are changed here.
async function markSeen(queries: QueryClient, accountId: number, displayId: number): Promise<void> {
  try {
    const { response } = await api.POST('/api/v1/accounts/{accountId}/conversations/{displayId}/update_last_seen', {
      params: { path: { accountId, displayId } },
    })
    const known = findConversation(queries, accountId, displayId)
    if (!response.ok || known === null) return
    putRead(queries, { ...known, unread_count: 0 })
    await queries.invalidateQueries({ queryKey: countsKey(accountId) })
  } catch {
    // It stays unread: the next look says it again.
  }
}
