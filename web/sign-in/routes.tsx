// Signing in: by a link, or with a password.

import { createRoute, lazyRouteComponent } from '@tanstack/react-router'

import { queries } from '../api/queries'
import { profileQuery } from '../api/session'
import { rootRoute } from '../shell/routes'

interface SignInSearch {
  /** Where to go afterwards: a path here. */
  readonly back?: string | undefined
}

export const signInRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: 'login',
    // The router keeps keys that this result does not have, so a refused value is returned as undefined.
    validateSearch: ({ back }): SignInSearch => ({
      back: typeof back === 'string' && isPathHere(back) ? back : undefined,
    }),
    loader: () => queries.query({ ...profileQuery, staleTime: 'static' }),
    component: lazyRouteComponent(() => import('./login-page'), 'LoginPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: 'login/$code',
    component: lazyRouteComponent(() => import('./link-page'), 'LinkPage'),
  }),
]

// `//host` and `/\host` lead to other sites.
function isPathHere(path: string): boolean {
  return (
    /^\/(?![/\\])/.test(path) &&
    URL.canParse(path, location.origin) &&
    new URL(path, location.origin).origin === location.origin
  )
}
