// Choosing an assignee, a team, labels, or when a conversation comes back.

import { useQuery } from '@tanstack/react-query'
import { UsersRound, UserX } from 'lucide-react'
import type { ReactElement } from 'react'
import { useIntl } from 'react-intl'

import type { Conversation } from '../../api/client'
import { assignableQuery, labelsQuery, teamsQuery } from '../../api/records'
import { useAccountId } from '../../shell/go'
import { Avatar } from '../../ui/avatar'
import { Button } from '../../ui/button'
import { type Choice, Picker } from '../../ui/picker'
import { useWords } from '../../words/words'
import { AssigneeMark } from '../thread/assignee-mark'
import { parseTime, snoozeChoices } from './snooze-times'
import type { ConversationActions } from './use-conversation-actions'

interface PickerState {
  readonly actions: ConversationActions
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
}
interface OfConversation extends PickerState {
  readonly conversation: Conversation
}

const nobody = 'nobody'

export function AssigneePicker({ conversation, actions, isOpen, onOpenChange }: OfConversation) {
  const say = useWords()
  const { data: agents = [] } = useQuery(assignableQuery(useAccountId(), conversation.inbox_id))
  const current = conversation.meta.assignee?.id
  const assigneeName = conversation.meta.assignee?.name
  const choices: Choice[] = [
    ...agents.map((agent) => ({
      id: String(agent.id),
      name: agent.name || agent.email,
      mark: <Avatar name={agent.name || agent.email} url={agent.thumbnail} size="tiny" />,
      ...(agent.id === actions.me?.id ? { detail: say('thread.me') } : {}),
      isChosen: agent.id === current,
    })),
    {
      id: nobody,
      name: say('thread.nobody'),
      mark: <UserX aria-hidden="true" size={16} />,
      isChosen: current === undefined,
    },
  ]
  return (
    <Picker
      label={say('thread.action.assign')}
      choices={choices}
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      empty={say('thread.noAgent')}
      onChoose={(id) => {
        actions.assign(id === nobody ? null : (agents.find((agent) => String(agent.id) === id) ?? null))
      }}
      trigger={
        <Button
          look="line"
          title={`${say('thread.action.assign')} (A)`}
          aria-label={
            assigneeName === undefined ? say('thread.action.assign') : say('thread.assignedTo', { name: assigneeName })
          }
        >
          <AssigneeMark conversation={conversation} />
        </Button>
      }
    />
  )
}

export function TeamPicker({ conversation, actions, isOpen, onOpenChange }: OfConversation) {
  const say = useWords()
  const { data: teams = [] } = useQuery(teamsQuery(useAccountId()))
  const current = conversation.meta.team?.id
  if (!isOpen) return null
  return (
    <Picker
      label={say('thread.action.team')}
      choices={[
        ...teams.map(({ id, name }) => ({ id: String(id), name, isChosen: id === current })),
        { id: nobody, name: say('thread.noTeam'), isChosen: current === undefined },
      ]}
      isOpen
      onOpenChange={onOpenChange}
      empty={say('thread.noTeams')}
      onChoose={(id) => {
        actions.assignTeam(teams.find((team) => String(team.id) === id) ?? null)
      }}
      trigger={
        <Button look="quiet" aria-label={say('thread.action.team')}>
          <UsersRound aria-hidden="true" />
        </Button>
      }
    />
  )
}

interface LabelPickerProps extends OfConversation {
  readonly trigger: ReactElement
}

export function LabelPicker({ conversation, actions, isOpen, onOpenChange, trigger }: LabelPickerProps) {
  const say = useWords()
  const { data: labels = [] } = useQuery(labelsQuery(useAccountId()))
  return (
    <Picker
      label={say('thread.action.labels')}
      choices={labels.map(({ title, description }) => ({
        id: title,
        name: title,
        ...(description ? { detail: description } : {}),
        isChosen: conversation.labels.includes(title),
      }))}
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      isMultiple
      empty={say('thread.noLabels')}
      onChoose={(label) => {
        if (conversation.labels.includes(label)) actions.removeLabel(label)
        else actions.addLabel(label)
      }}
      trigger={trigger}
    />
  )
}

interface SnoozePickerProps extends PickerState {
  readonly trigger: ReactElement
  readonly onSnoozed: () => void
}

const untilReply = 'reply'

export function SnoozePicker({ actions, isOpen, onOpenChange, onSnoozed, trigger }: SnoozePickerProps) {
  const say = useWords()
  const intl = useIntl()
  const tell = (at: Date): string =>
    intl.formatDate(at, { weekday: 'short', day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' })
  const choices = [
    ...snoozeChoices(new Date()).map(({ id, at }) => ({
      id: at.toISOString(),
      name: say(`thread.snooze.${id}`),
      detail: tell(at),
    })),
    { id: untilReply, name: say('thread.snooze.reply') },
  ]
  const understand = (text: string): readonly Choice[] => {
    const at = text.trim() === '' ? null : parseTime(text, new Date())
    return at === null || at.getTime() <= Date.now() ? [] : [{ id: at.toISOString(), name: tell(at) }]
  }
  return (
    <Picker
      label={say('thread.snooze.label')}
      choices={choices}
      understand={understand}
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      empty={say('thread.snooze.unknown')}
      onChoose={(id) => {
        actions.snooze(id === untilReply ? null : new Date(id))
        onSnoozed()
      }}
      trigger={trigger}
    />
  )
}
