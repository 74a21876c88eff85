// Held mail, the log of everything that came, one mail, and Try it.

import { createRoute, lazyRouteComponent } from '@tanstack/react-router'

import { accountRoute } from '../shell/routes'
import { withTexts } from '../words/catalogue'
import { parseLogView } from './log/log-view'

const mailIdParams = {
  parse: ({ mailId }: { readonly mailId: string }) => ({ mailId: Number(mailId) }),
  stringify: ({ mailId }: { readonly mailId: number }) => ({ mailId: String(mailId) }),
}

const heldRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: 'held',
  component: lazyRouteComponent(
    withTexts(() => import('./held/held')),
    'Held',
  ),
})

const nothingChosenRoute = createRoute({
  getParentRoute: () => heldRoute,
  path: '/',
  component: lazyRouteComponent(
    withTexts(() => import('./held/nothing-chosen')),
    'NothingChosen',
  ),
})

const heldMailRoute = createRoute({
  getParentRoute: () => heldRoute,
  path: '$mailId',
  params: mailIdParams,
  component: lazyRouteComponent(
    withTexts(() => import('./held/held-mail')),
    'HeldMail',
  ),
})

const logRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: 'mail',
  validateSearch: parseLogView,
  component: lazyRouteComponent(
    withTexts(() => import('./log/log')),
    'Log',
  ),
})

const oneMailRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: 'mail/$mailId',
  params: mailIdParams,
  component: lazyRouteComponent(
    withTexts(() => import('./one/one-mail')),
    'OneMail',
  ),
})

const tryRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: 'try',
  component: lazyRouteComponent(
    withTexts(() => import('./try/try-it')),
    'TryIt',
  ),
})

export const mailRoutes = [heldRoute.addChildren([nothingChosenRoute, heldMailRoute]), logRoute, oneMailRoute, tryRoute]
