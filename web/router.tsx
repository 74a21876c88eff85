// The addresses of the client. Each feature has its routes in its own folder; the address is the state of a view.

import { createRouter } from '@tanstack/react-router'

import { contactRoutes } from './contacts/routes'
import { conversationRoutes } from './conversations/routes'
import { mailRoutes } from './mail/routes'
import { profileRoute, settingsRoutes } from './settings/routes'
import { accountHomeRoute, accountRoute, homeRoute, rootRoute } from './shell/routes'
import { signInRoutes } from './sign-in/routes'

const routeTree = rootRoute.addChildren([
  homeRoute,
  profileRoute,
  ...signInRoutes,
  accountRoute.addChildren([
    accountHomeRoute,
    ...conversationRoutes,
    ...mailRoutes,
    ...contactRoutes,
    ...settingsRoutes,
  ]),
])

export const router = createRouter({ routeTree, defaultPreload: false, scrollRestoration: false })

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
