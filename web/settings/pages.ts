// The pages of settings: one's own, and those of the account, most of which only its administrators see.

import { type ComponentType, lazy } from 'react'

import type { TextId } from '../words/catalogue'

export interface Reader {
  /** Of the account. */
  readonly isAdministrator: boolean
  /** An administrator of the installation. */
  readonly isOperator: boolean
}

export interface SettingsPage {
  readonly id: string
  readonly group: 'own' | 'account'
  readonly name: TextId
  readonly component: ComponentType
  readonly isFor: (reader: Reader) => boolean
}

const own = (id: string, name: TextId, load: () => Promise<ComponentType>): SettingsPage => ({
  id,
  name,
  group: 'own',
  component: lazy(async () => ({ default: await load() })),
  isFor: () => true,
})
const account = (id: string, name: TextId, load: () => Promise<ComponentType>): SettingsPage => ({
  ...own(id, name, load),
  group: 'account',
  isFor: ({ isAdministrator }) => isAdministrator,
})

export const settingsPages: readonly SettingsPage[] = [
  own('profile', 'settings.profile', async () => (await import('./own/profile-page')).ProfilePage),
  own('security', 'settings.security', async () => (await import('./own/security-page')).SecurityPage),
  own(
    'notifications',
    'settings.notifications',
    async () => (await import('./own/notifications-page')).NotificationsPage,
  ),
  own('preferences', 'settings.preferences', async () => (await import('./own/preferences-page')).PreferencesPage),
  own('tokens', 'settings.tokens', async () => (await import('./own/tokens-page')).TokensPage),
  account('account', 'settings.account', async () => (await import('./account/account-page')).AccountPage),
  account('inboxes', 'settings.inboxes', async () => (await import('./account/inboxes-page')).InboxesPage),
  account('people', 'settings.people', async () => (await import('./account/people-page')).PeoplePage),
  account('teams', 'settings.teams', async () => (await import('./account/teams-page')).TeamsPage),
  account('labels', 'settings.labels', async () => (await import('./account/labels-page')).LabelsPage),
  account('canned', 'settings.canned', async () => (await import('./account/canned-page')).CannedPage),
  account('domains', 'settings.domains', async () => (await import('./account/domains-page')).DomainsPage),
  {
    ...account(
      'suppressed',
      'settings.suppressed',
      async () => (await import('./account/suppressed-page')).SuppressedPage,
    ),
    isFor: () => true,
  },
  account('webhooks', 'settings.webhooks', async () => (await import('./account/webhooks-page')).WebhooksPage),
  {
    ...account('doctor', 'doctor.title', async () => (await import('./doctor/doctor-page')).DoctorPage),
    isFor: ({ isAdministrator, isOperator }) => isAdministrator || isOperator,
  },
]
