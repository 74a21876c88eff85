// The inbox: a list of conversations, and beside it the open one.

import { createRoute, lazyRouteComponent } from '@tanstack/react-router'

import { accountRoute } from '../shell/routes'
import { Inbox } from './inbox'
import { NothingOpen } from './nothing-open'
import { parseView } from './view'

const inboxRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: 'conversations',
  validateSearch: parseView,
  component: Inbox,
})

const nothingOpenRoute = createRoute({ getParentRoute: () => inboxRoute, path: '/', component: NothingOpen })

const openRoute = createRoute({
  getParentRoute: () => inboxRoute,
  path: '$displayId',
  params: {
    parse: ({ displayId }) => ({ displayId: Number(displayId) }),
    stringify: ({ displayId }) => ({ displayId: String(displayId) }),
  },
  component: lazyRouteComponent(() => import('./open-conversation'), 'OpenConversation'),
})

export const conversationRoutes = [inboxRoute.addChildren([nothingOpenRoute, openRoute])]
