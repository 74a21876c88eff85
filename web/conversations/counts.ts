// How many conversations each tab has under the current filters, and how many of mine are unread.

import { keepPreviousData, queryOptions } from '@tanstack/react-query'

import { api, ask } from '../api/client'
import { filterOf } from './list-query'
import { listKeyOf, type View } from './view'

export const countsKey = (accountId: number) => ['conversation-counts', accountId] as const

export function countsQuery(accountId: number, given: View) {
  const { tab: _tab, order: _order, ...view } = listKeyOf(given)
  return queryOptions({
    queryKey: [...countsKey(accountId), view] as const,
    enabled: view.filter === undefined && view.priority === undefined,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const query = { ...filterOf(view), assignee_type: 'all' as const }
      const { meta } = await ask(
        api.GET('/api/v1/accounts/{accountId}/conversations/meta', { params: { path: { accountId }, query }, signal }),
      )
      return { mine: meta.mine_count, unassigned: meta.unassigned_count, all: meta.all_count }
    },
  })
}

/** Of the 25 of mine that are unread first: more than that is more than anybody counts. */
export function unreadQuery(accountId: number) {
  return queryOptions({
    queryKey: [...countsKey(accountId), 'unread'] as const,
    queryFn: async ({ signal }) => {
      const { data } = await ask(
        api.GET('/api/v1/accounts/{accountId}/conversations', {
          params: { path: { accountId }, query: { assignee_type: 'me', status: 'open', sort_by: 'unread' } },
          signal,
        }),
      )
      return data.payload.filter(({ unread_count: count }) => count > 0).length
    },
  })
}
