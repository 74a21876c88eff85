// Who is signed in: GET /api/v1/profile, asked once at the start and again after each refusal.

import { type QueryClient, queryOptions } from '@tanstack/react-query'

import { api, ApiError, ask, type Schemas } from './client'
import { beginPerson } from './own-storage'

export type Profile = Omit<Schemas['Profile'], 'inviter_id'>

/** Null: no user is signed in. */
export const profileQuery = queryOptions({
  queryKey: ['profile'],
  staleTime: Infinity,
  queryFn: async (): Promise<Profile | null> => {
    try {
      const profile = await ask(api.GET('/api/v1/profile'))
      beginPerson(profile.id)
      return profile
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null
      throw error
    }
  },
})

/** Reads the session again; true when no user is signed in. */
export async function hasSessionEnded(queries: QueryClient): Promise<boolean> {
  const { status } = await fetch('/api/v1/profile', { credentials: 'same-origin' })
  if (status === 401) queries.setQueryData(profileQuery.queryKey, null)
  return status === 401
}
