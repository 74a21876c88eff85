// What is pointed at is read before it is opened, so that opening it is instant.

import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'

import type { Conversation } from '../../api/client'
import { conversationQuery } from '../conversation-query'
import { messagesQuery } from '../thread/messages-query'

// It is read again, and its failure is shown, when it is opened.
const ignore = (): void => undefined

export function usePrefetch({ account_id: accountId, id }: Conversation): () => void {
  const queries = useQueryClient()
  return useCallback(() => {
    void queries.query(conversationQuery(queries, accountId, id)).catch(ignore)
    void queries.infiniteQuery(messagesQuery(accountId, id)).catch(ignore)
  }, [queries, accountId, id])
}
