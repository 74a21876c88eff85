// What can be done with several selected conversations at once. Each action says what it did, with Undo.

import { useQuery } from '@tanstack/react-query'
import { Check, Clock, Tag, UserRound, X } from 'lucide-react'
import { useState } from 'react'

import { agentsQuery, labelsQuery } from '../../api/records'
import { useAccountId } from '../../shell/go'
import { Avatar } from '../../ui/avatar'
import { IconButton } from '../../ui/button'
import { Picker } from '../../ui/picker'
import { useWords } from '../../words/words'
import type { Selection } from '../list/selection'
import styles from './bulk-bar.module.css'
import { SnoozePicker } from './pickers'
import { type ConversationActions, useConversationActions } from './use-conversation-actions'

type Opened = 'assignee' | 'labels' | 'snooze' | null

export function BulkBar({ selection }: { readonly selection: Selection }) {
  const say = useWords()
  const actions = useConversationActions([...selection.ids])
  const [opened, open] = useState<Opened>(null)
  const opening = (name: Opened) => ({
    isOpen: opened === name,
    onOpenChange: (isOpen: boolean) => {
      open(isOpen ? name : null)
    },
  })
  const count = selection.ids.size
  return (
    <div className={styles.bar} role="toolbar" aria-label={say('conversations.selected', { count })}>
      <b>{say('conversations.selected', { count })}</b>
      <IconButton
        label={say('thread.action.resolve')}
        onClick={() => {
          actions.resolve()
          selection.clear()
        }}
      >
        <Check />
      </IconButton>
      <AssignMany actions={actions} {...opening('assignee')} />
      <LabelMany actions={actions} {...opening('labels')} />
      <SnoozePicker
        actions={actions}
        onSnoozed={selection.clear}
        {...opening('snooze')}
        trigger={
          <IconButton label={say('thread.action.snooze')}>
            <Clock />
          </IconButton>
        }
      />
      <IconButton label={say('conversations.clearSelection')} shortcut="Esc" onClick={selection.clear}>
        <X />
      </IconButton>
    </div>
  )
}

interface Choosing {
  readonly actions: ConversationActions
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
}

function AssignMany({ actions, isOpen, onOpenChange }: Choosing) {
  const say = useWords()
  const { data: agents = [] } = useQuery(agentsQuery(useAccountId()))
  return (
    <Picker
      label={say('thread.action.assign')}
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      empty={say('thread.noAgent')}
      choices={agents.map(({ id, name, email, thumbnail }) => ({
        id: String(id),
        name: name || email,
        mark: <Avatar name={name || email} url={thumbnail} size="tiny" />,
      }))}
      onChoose={(id) => {
        actions.assign(agents.find((agent) => String(agent.id) === id) ?? null)
      }}
      trigger={
        <IconButton label={say('thread.action.assign')}>
          <UserRound />
        </IconButton>
      }
    />
  )
}

function LabelMany({ actions, isOpen, onOpenChange }: Choosing) {
  const say = useWords()
  const { data: labels = [] } = useQuery(labelsQuery(useAccountId()))
  return (
    <Picker
      label={say('conversations.addLabel')}
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      empty={say('thread.noLabels')}
      choices={labels.map(({ title }) => ({ id: title, name: title }))}
      onChoose={actions.addLabel}
      trigger={
        <IconButton label={say('conversations.addLabel')}>
          <Tag />
        </IconButton>
      }
    />
  )
}
