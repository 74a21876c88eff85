// The addresses that the account does not mail.

import { queryOptions } from '@tanstack/react-query'

import { api, ask } from './client'

/** The key of all that was read of the list. */
export const suppressedKey = (accountId: number) => ['suppressed-addresses', accountId] as const

/** A page of 25, newest first; `search` is a part of the address. */
export function suppressedQuery(
  accountId: number,
  { search, page }: { readonly search: string; readonly page: number },
) {
  return queryOptions({
    queryKey: [...suppressedKey(accountId), search, page] as const,
    // Bounces come at any time, and no event says so.
    staleTime: 0,
    queryFn: ({ signal }) =>
      ask(
        api.GET('/api/v1/accounts/{accountId}/suppressed_addresses', {
          params: { path: { accountId }, query: { page, ...(search === '' ? {} : { q: search }) } },
          signal,
        }),
      ),
  })
}
