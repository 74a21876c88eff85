// The mail that a message came by, with its trace.

import { queryOptions } from '@tanstack/react-query'

import { api, ApiError, ask, type Schemas } from '../../api/client'

export type MailWithTrace = Schemas['InboundEmailWithTrace']

interface Asked {
  readonly accountId: number
  readonly displayId: number
  readonly messageId: number | null
}

/** Null: the message came by no mail, or its mail was deleted. */
export function mailOfMessageQuery({ accountId, displayId, messageId }: Asked) {
  return queryOptions({
    queryKey: ['mail-of-message', accountId, displayId, messageId] as const,
    enabled: messageId !== null,
    staleTime: Infinity,
    queryFn: async ({ signal }): Promise<MailWithTrace | null> => {
      try {
        const path = { accountId, displayId, id: messageId ?? 0 }
        return await ask(
          api.GET('/api/v1/accounts/{accountId}/conversations/{displayId}/messages/{id}/inbound_email', {
            params: { path },
            signal,
          }),
        )
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null
        throw error
      }
    },
  })
}
