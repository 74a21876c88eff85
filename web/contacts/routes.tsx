// The contacts of an account: a list that is searched, and a page for each.

import { createRoute, lazyRouteComponent } from '@tanstack/react-router'

import { accountRoute } from '../shell/routes'
import { withTexts } from '../words/catalogue'

/** What the list shows, as the address says it. */
export interface ContactSearch {
  readonly q?: string
}

const contactsRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: 'contacts',
  validateSearch: ({ q }): ContactSearch => (typeof q === 'string' && q.trim() !== '' ? { q: q.trim() } : {}),
  component: lazyRouteComponent(
    withTexts(() => import('./contacts-page')),
    'ContactsPage',
  ),
})

const contactRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: 'contacts/$contactId',
  params: {
    parse: ({ contactId }) => ({ contactId: Number(contactId) }),
    stringify: ({ contactId }) => ({ contactId: String(contactId) }),
  },
  component: lazyRouteComponent(
    withTexts(() => import('./contact-page')),
    'ContactPage',
  ),
})

export const contactRoutes = [contactsRoute, contactRoute]
