// The ways over which mail can leave, by name; for administrators.

import { queryOptions } from '@tanstack/react-query'

import { api, ask } from './client'

export const transportsQuery = (accountId: number) =>
  queryOptions({
    queryKey: ['transports', accountId],
    staleTime: 5 * 60_000,
    queryFn: async () =>
      (await ask(api.GET('/api/v1/accounts/{accountId}/transports', { params: { path: { accountId } } }))).payload,
  })
