// The routes that every feature hangs its own under: the root, and everything inside an account.

import { createRootRoute, createRoute, Outlet, redirect } from '@tanstack/react-router'

import { queries } from '../api/queries'
import { profileQuery } from '../api/session'
import { inboxAddress } from './address'
import { Frame } from './frame'
import { NotFound, RouteError } from './problem-page'

export const rootRoute = createRootRoute({ component: Outlet, notFoundComponent: NotFound, errorComponent: RouteError })

/** `/`: the account that was used last. */
export const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: async () => {
    const profile = await queries.query({ ...profileQuery, staleTime: 'static' })
    if (profile === null) throw redirect({ to: '/login' })
    const account = profile.accounts.find(({ id }) => id === profile.account_id) ?? profile.accounts[0]
    if (account === undefined) return
    throw redirect({ to: inboxAddress(account.id) })
  },
  component: NotFound,
})

/** Only for users with a session and a membership. */
export const accountRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/app/accounts/$accountId',
  params: {
    parse: ({ accountId }) => ({ accountId: Number(accountId) }),
    stringify: ({ accountId }) => ({ accountId: String(accountId) }),
  },
  beforeLoad: async ({ location, params }) => {
    const profile = await queries.query({ ...profileQuery, staleTime: 'static' })
    if (profile === null) throw redirect({ to: '/login', search: { back: location.href } })
    if (!profile.accounts.some(({ id }) => id === params.accountId)) throw redirect({ to: '/' })
  },
  component: Frame,
  errorComponent: RouteError,
})

/** An account's address alone leads to its inbox. */
export const accountHomeRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: inboxAddress(params.accountId), replace: true })
  },
  component: NotFound,
})
