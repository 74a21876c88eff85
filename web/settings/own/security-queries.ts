// How the person can sign in, and where they are signed in.

import { queryOptions } from '@tanstack/react-query'

import { api, ask } from '../../api/client'

export const secondFactorQuery = queryOptions({
  queryKey: ['second-factor'],
  queryFn: () => ask(api.GET('/api/v1/profile/two_factor')),
})

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  staleTime: 0,
  queryFn: async () => (await ask(api.GET('/api/v1/profile/sessions'))).payload,
})
