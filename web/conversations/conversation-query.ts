// One conversation as its page needs it. What the list knows of it is shown at once.

import { type QueryClient, queryOptions } from '@tanstack/react-query'

import { api, ask, type Conversation } from '../api/client'
import { conversationKey, findConversation } from './cache'

export function conversationQuery(queries: QueryClient, accountId: number, displayId: number) {
  const known = findConversation(queries, accountId, displayId)
  return queryOptions<Conversation>({
    queryKey: conversationKey(accountId, displayId),
    ...(known === null ? {} : { placeholderData: known }),
    queryFn: ({ signal }): Promise<Conversation> =>
      ask(
        api.GET('/api/v1/accounts/{accountId}/conversations/{displayId}', {
          params: { path: { accountId, displayId } },
          signal,
        }),
      ),
  })
}
