// How many mails wait for a person: the number at the tab Held.

import { queryOptions } from '@tanstack/react-query'

import { api, ask } from '../api/client'

export const heldCountQuery = (accountId: number) =>
  queryOptions({
    queryKey: ['mail', accountId, 'held-count'] as const,
    queryFn: async ({ signal }) => {
      const { meta } = await ask(
        api.GET('/api/v1/accounts/{accountId}/inbound_emails/meta', { params: { path: { accountId } }, signal }),
      )
      return { count: meta.held_count + meta.failed_count }
    },
  })
