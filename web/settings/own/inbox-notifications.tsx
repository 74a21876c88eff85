// Which notices by mail one wants of each inbox: kinds that are on for the account can be switched off for one inbox.

import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { ChevronRight } from 'lucide-react'

import { api, ApiError, ask, type Schemas } from '../../api/client'
import { inboxesQuery } from '../../api/records'
import { useAccountId } from '../../shell/go'
import { CheckField, SelectField, StackedFields } from '../../ui/field'
import { tell } from '../../ui/toast'
import type { TextId } from '../../words/catalogue'
import { useWords } from '../../words/words'
import { Section } from '../parts'
import styles from './inbox-notifications.module.css'

const kinds = {
  email_conversation_assignment: 'settings.notify.assignment',
  email_conversation_mention: 'settings.notify.mention',
  email_assigned_conversation_new_message: 'settings.notify.assignedMessage',
  email_participating_conversation_new_message: 'settings.notify.participatingMessage',
} as const satisfies Readonly<Record<string, TextId>>
type Kind = keyof typeof kinds

const levels = ['all', 'unassigned', 'none'] as const
type Level = (typeof levels)[number]

type Place = { readonly accountId: number; readonly inboxId: number }

const settingQuery = (path: Place) =>
  queryOptions({
    queryKey: ['inbox-notification-settings', path.accountId, path.inboxId],
    queryFn: () =>
      ask(api.GET('/api/v1/accounts/{accountId}/inboxes/{inboxId}/notification_settings', { params: { path } })),
  })

export function InboxesSection({ selected }: { readonly selected: readonly string[] }) {
  const say = useWords()
  const { data: inboxes = [] } = useQuery(inboxesQuery(useAccountId()))
  if (inboxes.length === 0) return null
  return (
    <Section title={say('settings.byInbox')} text={say('settings.byInboxText')}>
      <div className={styles.inboxes}>
        {inboxes.map((inbox) => (
          <InboxRow key={inbox.id} inbox={inbox} selected={selected} />
        ))}
      </div>
    </Section>
  )
}

interface InboxRowProps {
  readonly inbox: Schemas['Inbox']
  readonly selected: readonly string[]
}

function InboxRow({ inbox, selected }: InboxRowProps) {
  const say = useWords()
  const queries = useQueryClient()
  const path = { accountId: useAccountId(), inboxId: inbox.id }
  const query = settingQuery(path)
  const { data } = useQuery(query)
  const change = async (changes: { new_conversations?: Level | null; muted_email_flags?: Kind[] }) => {
    if (data === undefined) return
    queries.setQueryData(query.queryKey, { ...data, ...changes })
    try {
      const url = '/api/v1/accounts/{accountId}/inboxes/{inboxId}/notification_settings'
      queries.setQueryData(query.queryKey, await ask(api.PATCH(url, { params: { path }, body: changes })))
    } catch (error) {
      queries.setQueryData(query.queryKey, data)
      tell({ text: error instanceof ApiError ? error.message : String(error), isFailure: true })
    }
  }
  const muted = (data?.muted_email_flags ?? []) as Kind[]
  const level = data?.new_conversations ?? ''
  return (
    <details className={styles.inbox}>
      <summary>
        <ChevronRight aria-hidden="true" />
        <b>{inbox.name}</b>
        <span>
          {say(muted.length > 0 || level !== '' ? 'settings.inboxDiffers' : 'settings.inboxAsAbove', {
            count: muted.length,
          })}
        </span>
      </summary>
      <div className={styles.choices} role="group" aria-label={inbox.name}>
        <StackedFields>
          <SelectField
            label={say('settings.notify.newConversations')}
            value={level}
            choices={[
              { value: '', name: say('settings.level.usual') },
              ...levels.map((value) => ({ value, name: say(`settings.level.${value}`) })),
            ]}
            onChange={(value) => void change({ new_conversations: levels.find((one) => one === value) ?? null })}
          />
        </StackedFields>
        {(Object.keys(kinds) as Kind[]).map((kind) => {
          const isOff = !selected.includes(kind)
          return (
            <CheckField
              key={kind}
              label={say(kinds[kind])}
              {...(isOff ? { hint: say('settings.offAbove') } : {})}
              isOn={!isOff && !muted.includes(kind)}
              disabled={isOff || data === undefined}
              onChange={(isOn) =>
                void change({ muted_email_flags: isOn ? muted.filter((one) => one !== kind) : [...muted, kind] })
              }
            />
          )
        })}
      </div>
    </details>
  )
}
