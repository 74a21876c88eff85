// One conversation in the list: who, when, subject, last words, and at the end what distinguishes it. A row never
// changes its height.

import { Check } from 'lucide-react'
import { type KeyboardEvent, memo, type MouseEvent } from 'react'
import { useIntl } from 'react-intl'

import type { Conversation } from '../../api/client'
import { Avatar } from '../../ui/avatar'
import { Chip } from '../../ui/chip'
import { Time } from '../../ui/time'
import { useWords } from '../../words/words'
import { contactName, messageTypes, preview, subjectOf } from '../describe'
import { useDraftMark } from '../drafts'
import { usePrefetch } from './prefetch'
import styles from './row.module.css'

interface RowProps {
  readonly conversation: Conversation
  readonly isOpen: boolean
  readonly isFirst: boolean
  /** Whether some row of the list is the open one. */
  readonly hasOpen: boolean
  readonly isSelected: boolean
  readonly isCompact: boolean
  /** From 1. */
  readonly position: number
  readonly onOpen: (displayId: number) => void
  readonly onSelect: (displayId: number, isRange: boolean) => void
}

export const Row = memo(function Row(props: RowProps) {
  const say = useWords()
  const { conversation, isOpen, isSelected, isCompact, position, onOpen, onSelect } = props
  const prefetch = usePrefetch(conversation)
  const isUnread = conversation.unread_count > 0
  const name = contactName(conversation)
  const { assignee } = conversation.meta
  const onClick = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) onSelect(conversation.id, event.shiftKey)
    else onOpen(conversation.id)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === ' ') {
      event.preventDefault()
      onSelect(conversation.id, event.shiftKey)
    }
    if (event.key === 'Enter') onOpen(conversation.id)
  }
  const className = [
    styles.row,
    isUnread && styles.unread,
    isOpen && styles.open,
    isSelected && styles.chosen,
    isCompact && styles.compact,
  ]
  return (
    <div
      role="option"
      aria-selected={isOpen || isSelected}
      aria-posinset={position}
      aria-setsize={-1}
      tabIndex={isOpen || (props.isFirst && !props.hasOpen) ? 0 : -1}
      data-conversation={conversation.id}
      className={className.filter(Boolean).join(' ')}
      onClick={onClick}
      onKeyDown={onKeyDown}
      onPointerEnter={prefetch}
      onFocus={prefetch}
    >
      <span className={styles.mark}>
        {isUnread && <span className={styles.dot} role="img" aria-label={say('conversations.unread')} />}
        {/* For the pointer; the key is X. An option must not contain a button of its own. */}
        <span
          className={styles.check}
          aria-hidden="true"
          onClick={(event) => {
            event.stopPropagation()
            onSelect(conversation.id, event.shiftKey)
          }}
        >
          {isSelected && <Check />}
        </span>
      </span>
      <span className={styles.line}>
        <span className={styles.name} dir="auto">
          {name}
        </span>
        <span className={styles.time}>
          <Time at={conversation.last_activity_at} />
        </span>
      </span>
      <span className={styles.line}>
        <span className={styles.subject} dir="auto">
          {subjectOf(conversation) ?? say('conversations.noSubject', { id: conversation.id })}
        </span>
        {assignee != null && (
          <Avatar
            name={assignee.name}
            size="tiny"
            isQuiet
            label={say('conversations.assignedTo', { name: assignee.name })}
          />
        )}
        {isCompact && <Marks conversation={conversation} />}
      </span>
      {!isCompact && (
        <span className={styles.line}>
          <LastWords conversation={conversation} />
          <Marks conversation={conversation} />
        </span>
      )}
    </div>
  )
})

function LastWords({ conversation }: { readonly conversation: Conversation }) {
  const say = useWords()
  const last = conversation.last_non_activity_message ?? conversation.messages[0]
  if (last === undefined) return <span className={styles.words} />
  if (last.content_attributes['deleted'] === true) return <span className={styles.words}>{say('thread.deleted')}</span>
  const isOurs = last.message_type !== messageTypes.incoming
  const author = isOurs ? say('conversations.ours') : ''
  const by = last.private ? say('conversations.note') : author
  const words =
    preview(last) ||
    ((last.attachments?.length ?? 0) > 0 ? say('conversations.files', { count: last.attachments?.length ?? 0 }) : '')
  return (
    <span className={styles.words} dir="auto">
      {by === '' ? words : `${by} ${words}`}
    </span>
  )
}

// At most two things, the most urgent first.
function Marks({ conversation }: { readonly conversation: Conversation }) {
  const say = useWords()
  const intl = useIntl()
  const hasDraft = useDraftMark(conversation.account_id, conversation.id)
  const { snoozed_until: until, priority, labels, status } = conversation
  const marks = [
    conversation.last_non_activity_message?.status === 'failed' && (
      <Chip key="failed" look="failed">
        {say('conversations.notDelivered')}
      </Chip>
    ),
    hasDraft && <Chip key="draft">{say('conversations.draft')}</Chip>,
    status === 'snoozed' && (
      <Chip key="snoozed">
        {until === null
          ? say('conversations.snoozedUntilReply')
          : say('conversations.until', {
              when: intl.formatDate(until, { weekday: 'short', hour: 'numeric', minute: '2-digit' }),
            })}
      </Chip>
    ),
    (priority === 'urgent' || priority === 'high') && (
      <Chip key="priority" look="needs-you">
        {say(`conversations.priority.${priority}`)}
      </Chip>
    ),
    ...labels.slice(0, 2).map((label) => <Chip key={`label.${label}`}>{label}</Chip>),
  ]
  return <span className={styles.marks}>{marks.filter(Boolean).slice(0, 2)}</span>
}
