// Who is in an inbox or a team.

import { queryOptions } from '@tanstack/react-query'

import { api, ask } from '../../api/client'

export const inboxMembersQuery = (accountId: number, inboxId: number) =>
  queryOptions({
    queryKey: ['inbox-members', accountId, inboxId],
    queryFn: async () =>
      (
        await ask(
          api.GET('/api/v1/accounts/{accountId}/inbox_members/{inboxId}', {
            params: { path: { accountId, inboxId } },
          }),
        )
      ).payload,
  })

export const teamMembersQuery = (accountId: number, id: number) =>
  queryOptions({
    queryKey: ['team-members', accountId, id],
    queryFn: () =>
      ask(api.GET('/api/v1/accounts/{accountId}/teams/{id}/team_members', { params: { path: { accountId, id } } })),
  })
