// The conversations of a view, read 25 at a time with a cursor, so that no row is met twice or missed while they move.

import { type InfiniteData, infiniteQueryOptions } from '@tanstack/react-query'

import { api, ask, type Conversation } from '../api/client'
import { queries } from '../api/queries'
import { profileQuery } from '../api/session'
import { conditionsOf } from './conditions'
import { latestFirst, listKeyOf, type View } from './view'

export interface ConversationPage {
  readonly conversations: readonly Conversation[]
  readonly next: string | null
}

export type ConversationList = InfiniteData<ConversationPage, string>

export const listKey = (accountId: number) => ['conversations', accountId] as const

export function listQuery(accountId: number, given: View) {
  const view = listKeyOf(given)
  return infiniteQueryOptions({
    queryKey: [...listKey(accountId), view] as const,
    initialPageParam: 'start',
    getNextPageParam: ({ next }: ConversationPage) => next,
    queryFn: ({ pageParam, signal }) => readPage({ accountId, view, cursor: pageParam, signal }),
  })
}

interface PageRequest {
  readonly accountId: number
  readonly view: View
  readonly cursor: string
  readonly signal: AbortSignal
}

async function readPage({ accountId, view, cursor, signal }: PageRequest): Promise<ConversationPage> {
  const path = { accountId }
  const page = { sort_by: view.order ?? latestFirst, cursor }
  const filter = await findConditions({ accountId, view, signal })
  if (filter !== null) {
    const found = await ask(
      api.POST('/api/v1/accounts/{accountId}/conversations/filter', {
        params: { path },
        body: { ...filter, ...page } as never,
        signal,
      }),
    )
    return { conversations: found.payload, next: found.meta.next_cursor ?? null }
  }
  const query = { ...filterOf(view), ...page }
  const { data } = await ask(api.GET('/api/v1/accounts/{accountId}/conversations', { params: { path, query }, signal }))
  return { conversations: data.payload, next: data.meta.next_cursor ?? null }
}

// Null: the fields of the list say all of the view.
async function findConditions({
  accountId,
  view,
  signal,
}: Omit<PageRequest, 'cursor'>): Promise<{ readonly payload?: unknown } | null> {
  if (view.filter !== undefined) {
    const { query } = await ask(
      api.GET('/api/v1/accounts/{accountId}/custom_filters/{id}', {
        params: { path: { accountId, id: view.filter } },
        signal,
      }),
    )
    return query
  }
  if (view.priority === undefined) return null
  return { payload: conditionsOf(view, queries.getQueryData(profileQuery.queryKey)?.id ?? 0) }
}

/** A view as the fields of the API's list. */
export function filterOf(view: View) {
  const assignee = ({ mine: 'me', unassigned: 'unassigned', all: 'all' } as const)[view.tab ?? 'mine']
  return {
    assignee_type: assignee,
    status: view.status ?? 'open',
    ...(view.kind === undefined ? {} : { conversation_type: view.kind }),
    ...(view.inbox === undefined ? {} : { inbox_id: view.inbox }),
    ...(view.team === undefined ? {} : { team_id: view.team }),
    ...(view.label === undefined ? {} : { 'labels[]': [view.label] }),
    ...(view.q === undefined ? {} : { q: view.q }),
  }
}
