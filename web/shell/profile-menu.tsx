// Who is signed in: availability, theme, language, sign out.

import { useQuery, useQueryClient } from '@tanstack/react-query'

import { api, ApiError, ask } from '../api/client'
import { profileQuery } from '../api/session'
import { Avatar } from '../ui/avatar'
import { Menu, MenuEntry, MenuHeading, MenuLine } from '../ui/menu'
import { tell } from '../ui/toast'
import { type Language, languages } from '../words/catalogue'
import { useWords } from '../words/words'
import { useAccountId } from './go'
import { preferences } from './preferences'
import styles from './rail.module.css'
import { signOut } from './sign-out'

const availabilities = ['online', 'busy', 'offline'] as const
const themes = ['system', 'light', 'dark'] as const

export function ProfileMenu() {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const { data: profile } = useQuery(profileQuery)
  const { theme } = preferences.use()
  if (!profile) return null
  const now = profile.accounts.find(({ id }) => id === accountId)?.availability ?? 'offline'
  const stand = async (availability: (typeof availabilities)[number]) => {
    try {
      const changed = await ask(
        api.POST('/api/v1/profile/availability', { body: { account_id: accountId, availability } }),
      )
      queries.setQueryData(profileQuery.queryKey, changed)
    } catch (error) {
      tell({ text: error instanceof Error ? error.message : String(error), isFailure: true })
    }
  }
  const leave = async () => {
    await signOut().catch((error: unknown) => {
      tell({
        text: say(error instanceof ApiError && error.status > 0 ? 'shell.notSignedOut' : 'signIn.offline'),
        isFailure: true,
      })
    })
  }
  return (
    <Menu
      trigger={
        <button type="button" className={styles.link} aria-label={`${profile.available_name}, ${say(`shell.${now}`)}`}>
          <Avatar name={profile.available_name} url={profile.avatar_url} />
        </button>
      }
    >
      <MenuHeading>{profile.email}</MenuHeading>
      {availabilities.map((availability) => (
        <MenuEntry key={availability} isChosen={availability === now} onSelect={() => void stand(availability)}>
          {say(`shell.${availability}`)}
        </MenuEntry>
      ))}
      <MenuLine />
      {themes.map((one) => (
        <MenuEntry
          key={one}
          isChosen={one === theme}
          onSelect={() => {
            preferences.set({ theme: one })
          }}
        >
          {say(`shell.theme.${one}`)}
        </MenuEntry>
      ))}
      <MenuLine />
      {(Object.keys(languages) as Language[]).map((language) => (
        <MenuEntry
          key={language}
          isChosen={document.documentElement.lang === language}
          onSelect={() => {
            preferences.set({ language })
          }}
        >
          {languages[language]}
        </MenuEntry>
      ))}
      <MenuLine />
      <MenuEntry onSelect={() => void leave()}>{say('shell.signOut')}</MenuEntry>
    </Menu>
  )
}
