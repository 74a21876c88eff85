// Contacts as the API lists and finds them, 15 a page.

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'

import { api, ask } from '../api/client'

const pageSize = 15

export function contactsQuery(accountId: number, words: string | undefined) {
  return infiniteQueryOptions({
    queryKey: ['contacts', accountId, 'list', words ?? ''] as const,
    initialPageParam: 1,
    getNextPageParam: (last: { readonly hasMore: boolean }, pages: readonly unknown[]) =>
      last.hasMore ? pages.length + 1 : null,
    queryFn: async ({ pageParam: page, signal }) => {
      const path = { accountId }
      const { meta, payload } = await (words === undefined
        ? ask(
            api.GET('/api/v1/accounts/{accountId}/contacts', {
              params: { path, query: { page, sort: '-last_activity_at' } },
              signal,
            }),
          )
        : ask(
            api.GET('/api/v1/accounts/{accountId}/contacts/search', {
              params: { path, query: { page, q: words } },
              signal,
            }),
          ))
      return { contacts: payload, count: meta.count, hasMore: payload.length === pageSize }
    },
  })
}

export function contactQuery(accountId: number, id: number) {
  return queryOptions({
    queryKey: ['contacts', accountId, id] as const,
    queryFn: async ({ signal }) =>
      (
        await ask(
          api.GET('/api/v1/accounts/{accountId}/contacts/{id}', { params: { path: { accountId, id } }, signal }),
        )
      ).payload,
  })
}

export function contactConversationsQuery(accountId: number, id: number) {
  return queryOptions({
    queryKey: ['contacts', accountId, id, 'conversations'] as const,
    queryFn: async ({ signal }) =>
      (
        await ask(
          api.GET('/api/v1/accounts/{accountId}/contacts/{id}/conversations', {
            params: { path: { accountId, id } },
            signal,
          }),
        )
      ).payload,
  })
}
