// Notifications by mail.

import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'

import { api, ApiError, ask } from '../../api/client'
import { useAccountId } from '../../shell/go'
import { CheckField } from '../../ui/field'
import { tell } from '../../ui/toast'
import type { TextId } from '../../words/catalogue'
import { useWords } from '../../words/words'
import { Page, Section } from '../parts'
import styles from '../settings.module.css'
import { InboxesSection } from './inbox-notifications'
import { NewAddresses } from './new-addresses'

const settingsQuery = (accountId: number) =>
  queryOptions({
    queryKey: ['notification-settings', accountId],
    queryFn: () =>
      ask(api.GET('/api/v1/accounts/{accountId}/notification_settings', { params: { path: { accountId } } })),
  })

const names = {
  email_conversation_creation: 'settings.notify.creation',
  email_conversation_assignment: 'settings.notify.assignment',
  email_conversation_mention: 'settings.notify.mention',
  email_assigned_conversation_new_message: 'settings.notify.assignedMessage',
  email_participating_conversation_new_message: 'settings.notify.participatingMessage',
  email_held_mail: 'settings.notify.held',
} as const satisfies Readonly<Record<string, TextId>>
type Flag = keyof typeof names

export function NotificationsPage() {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const query = settingsQuery(accountId)
  const { data } = useQuery(query)
  const change = async (flag: Flag, isOn: boolean) => {
    if (data === undefined) return
    const selected = isOn
      ? [...data.selected_email_flags, flag]
      : data.selected_email_flags.filter((one) => one !== flag)
    queries.setQueryData(query.queryKey, { ...data, selected_email_flags: selected })
    try {
      const path = '/api/v1/accounts/{accountId}/notification_settings'
      // Flags that this page does not show stay as they are.
      const body = { selected_email_flags: selected as Flag[] }
      queries.setQueryData(query.queryKey, await ask(api.PATCH(path, { params: { path: { accountId } }, body })))
    } catch (error) {
      queries.setQueryData(query.queryKey, data)
      tell({ text: error instanceof ApiError ? error.message : String(error), isFailure: true })
    }
  }
  return (
    <Page title={say('settings.notifications')} text={say('settings.notificationsText')}>
      <Section title={say('settings.byMail')}>
        <div className={styles.checks}>
          {data !== undefined &&
            (Object.keys(names) as Flag[]).map((flag) => (
              <CheckField
                key={flag}
                label={say(names[flag])}
                isOn={data.selected_email_flags.includes(flag)}
                onChange={(isOn) => void change(flag, isOn)}
              />
            ))}
        </div>
      </Section>
      {data !== undefined && <InboxesSection selected={data.selected_email_flags} />}
      <NewAddresses />
    </Page>
  )
}
