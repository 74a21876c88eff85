// What a person sets for themselves, and administrators for the account. /app/profile leads to one's own profile.

import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'

import { queries } from '../api/queries'
import { profileQuery } from '../api/session'
import { accountRoute, rootRoute } from '../shell/routes'
import { withTexts } from '../words/catalogue'
import { parseListView } from './list-view'

export const settingsRoutes = [
  createRoute({
    getParentRoute: () => accountRoute,
    path: 'settings',
    beforeLoad: ({ params: { accountId } }) => {
      throw redirect({ to: '/app/accounts/$accountId/settings/$page', params: { accountId, page: 'profile' } })
    },
  }),
  createRoute({
    getParentRoute: () => accountRoute,
    path: 'settings/$page',
    validateSearch: parseListView,
    component: lazyRouteComponent(
      withTexts(() => import('./settings')),
      'Settings',
    ),
  }),
]

export const profileRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/app/profile',
  beforeLoad: async () => {
    const profile = await queries.query({ ...profileQuery, staleTime: 'static' })
    if (profile === null) throw redirect({ to: '/login', search: { back: '/app/profile' } })
    const accountId = profile.account_id ?? profile.accounts[0]?.id
    if (accountId === undefined) throw redirect({ to: '/' })
    throw redirect({ to: '/app/accounts/$accountId/settings/$page', params: { accountId, page: 'profile' } })
  },
})
