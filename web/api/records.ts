// The account's short lists that many views need: inboxes, labels, teams, agents, saved filters, canned responses.

import { queryOptions } from '@tanstack/react-query'

import { api, ask } from './client'

const inAccount = (accountId: number) => ({ params: { path: { accountId } } })
const rarely = { staleTime: 5 * 60_000 }

export const inboxesQuery = (accountId: number) =>
  queryOptions({
    ...rarely,
    queryKey: ['inboxes', accountId],
    queryFn: async () => (await ask(api.GET('/api/v1/accounts/{accountId}/inboxes', inAccount(accountId)))).payload,
  })

export const labelsQuery = (accountId: number) =>
  queryOptions({
    ...rarely,
    queryKey: ['labels', accountId],
    queryFn: async () => (await ask(api.GET('/api/v1/accounts/{accountId}/labels', inAccount(accountId)))).payload,
  })

export const teamsQuery = (accountId: number) =>
  queryOptions({
    ...rarely,
    queryKey: ['teams', accountId],
    queryFn: () => ask(api.GET('/api/v1/accounts/{accountId}/teams', inAccount(accountId))),
  })

export const agentsQuery = (accountId: number) =>
  queryOptions({
    ...rarely,
    queryKey: ['agents', accountId],
    queryFn: () => ask(api.GET('/api/v1/accounts/{accountId}/agents', inAccount(accountId))),
  })

export const filtersQuery = (accountId: number) =>
  queryOptions({
    ...rarely,
    queryKey: ['filters', accountId],
    queryFn: () =>
      ask(
        api.GET('/api/v1/accounts/{accountId}/custom_filters', {
          params: { path: { accountId }, query: { filter_type: 'conversation' } },
        }),
      ),
  })

export const cannedResponsesQuery = (accountId: number) =>
  queryOptions({
    ...rarely,
    queryKey: ['canned-responses', accountId],
    queryFn: () => ask(api.GET('/api/v1/accounts/{accountId}/canned_responses', inAccount(accountId))),
  })

/** Who may be given a conversation of this inbox. */
export const assignableQuery = (accountId: number, inboxId: number) =>
  queryOptions({
    ...rarely,
    queryKey: ['assignable-agents', accountId, inboxId],
    queryFn: async () =>
      (
        await ask(
          api.GET('/api/v1/accounts/{accountId}/assignable_agents', {
            params: { path: { accountId }, query: { 'inbox_ids[]': [inboxId] } },
          }),
        )
      ).payload,
  })
