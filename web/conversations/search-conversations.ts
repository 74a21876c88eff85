// Conversations to choose from: those of a contact, or those that words or a number find.

import { keepPreviousData, queryOptions } from '@tanstack/react-query'

import { api, ApiError, ask, type Conversation } from '../api/client'

interface Wanted {
  readonly words: string
  /** Without words: the conversations of this contact. */
  readonly contactId: number
}

export function searchConversations(accountId: number, { words, contactId }: Wanted) {
  const asked = words.trim()
  return queryOptions({
    queryKey: ['conversation-search', accountId, asked, asked === '' ? contactId : 0] as const,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<readonly Conversation[]> => {
      if (asked === '') {
        const { payload } = await ask(
          api.GET('/api/v1/accounts/{accountId}/contacts/{id}/conversations', {
            params: { path: { accountId, id: contactId } },
            signal,
          }),
        )
        return payload
      }
      const number = /^#?(\d{1,9})$/.exec(asked)?.[1]
      const byNumber = number === undefined ? [] : await findByNumber(accountId, Number(number))
      const { payload } = await ask(
        api.GET('/api/v1/accounts/{accountId}/conversations/search', {
          params: { path: { accountId }, query: { q: asked } },
          signal,
        }),
      )
      return [...byNumber, ...payload.filter(({ id }) => !byNumber.some((one) => one.id === id))]
    },
  })
}

async function findByNumber(accountId: number, displayId: number): Promise<readonly Conversation[]> {
  try {
    return [
      await ask(
        api.GET('/api/v1/accounts/{accountId}/conversations/{displayId}', {
          params: { path: { accountId, displayId } },
        }),
      ),
    ]
  } catch (error) {
    if (error instanceof ApiError && error.status !== 0) return []
    throw error
  }
}
