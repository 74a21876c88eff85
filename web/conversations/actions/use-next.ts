// After an action that ends work on a conversation, the next one of the list opens: the one below, else the one above.

import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'

import { useAccountId } from '../../shell/go'
import { type ConversationList, listQuery } from '../list-query'
import { useMoves, useView } from '../use-view'

/** Has to be called before the action takes the conversation out of the list, or right after it in the same task. */
export function useNext(displayId: number): () => void {
  const queries = useQueryClient()
  const accountId = useAccountId()
  const view = useView()
  const { open, close } = useMoves()
  const list = queries.getQueryData<ConversationList>(listQuery(accountId, view).queryKey)
  const ids = list?.pages.flatMap(({ conversations }) => conversations.map(({ id }) => id)) ?? []
  const position = ids.indexOf(displayId)
  const next = position < 0 ? ids[0] : (ids[position + 1] ?? ids[position - 1])
  return useCallback(() => {
    if (next === undefined || next === displayId) close()
    else open(next, true)
  }, [next, displayId, open, close])
}
