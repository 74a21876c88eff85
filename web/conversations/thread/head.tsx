// The head of a conversation: subject, contact, status, and the actions.

import { useQuery } from '@tanstack/react-query'
import { ArrowLeft } from 'lucide-react'
import { useIntl } from 'react-intl'

import type { Conversation } from '../../api/client'
import { inboxesQuery } from '../../api/records'
import { useAccountId } from '../../shell/go'
import { IconButton } from '../../ui/button'
import { Chip } from '../../ui/chip'
import { useWords } from '../../words/words'
import { contactName, subjectOf } from '../describe'
import { useMoves } from '../use-view'
import styles from './head.module.css'
import { HeadActions } from './head-actions'
import { Watchers } from './watchers'

export function Head({ conversation }: { readonly conversation: Conversation }) {
  const say = useWords()
  const { close } = useMoves()
  return (
    <header className={styles.head}>
      <IconButton label={say('thread.backToList')} shortcut="Esc" className={styles.back} onClick={close}>
        <ArrowLeft />
      </IconButton>
      <div className={styles.what}>
        <h1 dir="auto" title={subjectOf(conversation) ?? undefined}>
          {subjectOf(conversation) ?? say('conversations.noSubject', { id: conversation.id })}
        </h1>
        <Facts conversation={conversation} />
      </div>
      <Watchers conversation={conversation} />
      <HeadActions conversation={conversation} />
    </header>
  )
}

function Facts({ conversation }: { readonly conversation: Conversation }) {
  const say = useWords()
  const intl = useIntl()
  const { data: inboxes = [] } = useQuery(inboxesQuery(useAccountId()))
  const { status, snoozed_until: until } = conversation
  const inbox = inboxes.find(({ id }) => id === conversation.inbox_id)?.name
  return (
    <p className={styles.facts}>
      <span dir="auto">{contactName(conversation)}</span> · #{conversation.id}
      {inbox !== undefined && ` · ${inbox}`}{' '}
      <Chip look={status === 'open' ? 'done' : 'plain'}>
        {status === 'snoozed' && until !== null
          ? say('conversations.until', {
              when: intl.formatDate(until, {
                weekday: 'short',
                day: 'numeric',
                month: 'short',
                hour: 'numeric',
                minute: '2-digit',
              }),
            })
          : say(`conversations.status.${status}`)}
      </Chip>
      {conversation.meta.team != null && <Chip>{conversation.meta.team.name}</Chip>}
      {conversation.labels.map((label) => (
        <Chip key={label}>{label}</Chip>
      ))}
    </p>
  )
}
