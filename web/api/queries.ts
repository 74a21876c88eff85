// The cache of what was read. The event stream keeps it fresh (live/), so nothing is asked again by time.

import { QueryClient } from '@tanstack/react-query'

import { ApiError } from './client'

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 60_000,
      gcTime: 30 * 60_000,
      refetchOnWindowFocus: false,
      // What the server refuses, it refuses again; what did not arrive is asked twice more.
      retry: (failures, error) =>
        failures < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500),
    },
  },
})
