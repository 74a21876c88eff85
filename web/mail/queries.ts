// What the mail views ask the service. All keys begin with ['mail', account], so that an event refreshes them together.

import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'

import { api, ApiError, ask, type Schemas } from '../api/client'
import type { LogView } from './log/log-view'

export type Mail = Schemas['InboundEmail']
export type MailWithTrace = Schemas['InboundEmailWithTrace']
export type ParsedMail = Schemas['ParsedInboundEmail']
export type Candidate = Schemas['FilingCandidate']

export interface MailPlace {
  readonly accountId: number
  readonly id: number
}

const key = (accountId: number) => ['mail', accountId] as const
type Status = Mail['status']

function pages(accountId: number, name: string, query: Readonly<Record<string, unknown>>) {
  return infiniteQueryOptions({
    queryKey: [...key(accountId), name, query] as const,
    placeholderData: keepPreviousData,
    initialPageParam: 'start',
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET('/api/v1/accounts/{accountId}/inbound_emails', {
          params: { path: { accountId }, query: { ...query, cursor: pageParam } },
          signal,
        }),
      ),
    getNextPageParam: ({ meta }) => meta.next_cursor,
  })
}

/** What needs a person, newest first. */
export const heldQuery = (accountId: number) =>
  pages(accountId, 'held', { 'status[]': ['held', 'failed'] satisfies Status[] })

export function logQuery(accountId: number, { state, reason, way, when, q }: LogView) {
  return pages(accountId, 'log', {
    ...(state === undefined ? {} : { 'status[]': [state] }),
    ...(reason === undefined ? {} : { reason }),
    ...(way === undefined ? {} : { ingress: way }),
    ...(when === undefined ? {} : { since: sinceOf(when) }),
    ...(q === undefined ? {} : { q }),
  })
}

// At midnight of the reader's day, so that the address of the page stays the same query for a day.
function sinceOf(when: 'today' | 'week' | 'month'): string {
  const days = { today: 0, week: 7, month: 30 }[when]
  const now = new Date()
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - days).toISOString()
}

const at = ({ accountId, id }: MailPlace, signal: AbortSignal) => ({ params: { path: { accountId, id } }, signal })

export const mailQuery = (place: MailPlace) =>
  queryOptions({
    queryKey: [...key(place.accountId), 'one', place.id] as const,
    retry: false,
    queryFn: ({ signal }) => ask(api.GET('/api/v1/accounts/{accountId}/inbound_emails/{id}', at(place, signal))),
  })

/** Null: the octets are no longer kept. */
export const parsedQuery = (place: MailPlace) =>
  queryOptions({
    queryKey: [...key(place.accountId), 'one', place.id, 'parsed'] as const,
    retry: false,
    queryFn: async ({ signal }): Promise<ParsedMail | null> => {
      try {
        return await ask(api.GET('/api/v1/accounts/{accountId}/inbound_emails/{id}/parsed', at(place, signal)))
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null
        throw error
      }
    },
  })

export const candidatesQuery = (place: MailPlace) =>
  queryOptions({
    queryKey: [...key(place.accountId), 'one', place.id, 'candidates'] as const,
    queryFn: async ({ signal }) =>
      (await ask(api.GET('/api/v1/accounts/{accountId}/inbound_emails/{id}/candidates', at(place, signal)))).payload,
  })
