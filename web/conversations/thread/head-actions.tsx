// The actions on the open conversation: as buttons, in a menu, and by their keys.

import { Check, Clock, PanelRight, Tag, Undo2 } from 'lucide-react'
import { lazy, Suspense, useMemo, useState } from 'react'

import type { Conversation } from '../../api/client'
import { type Action, useActions } from '../../shell/actions'
import { Button, IconButton } from '../../ui/button'
import { useWords } from '../../words/words'
import { AssigneePicker, LabelPicker, SnoozePicker, TeamPicker } from '../actions/pickers'
import { type ConversationActions, useConversationActions } from '../actions/use-conversation-actions'
import { useNext } from '../actions/use-next'
import { togglePanel } from '../panel/panel-state'
import styles from './head.module.css'
import type { HeadMenu } from './head-menu'
import { MoreMenu } from './more-menu'

const MergeDialog = lazy(async () => ({ default: (await import('../actions/merge-dialog')).MergeDialog }))

/** The actions in the head of a conversation. */
export function HeadActions({ conversation }: { readonly conversation: Conversation }) {
  const say = useWords()
  const actions = useConversationActions([conversation.id])
  const openNext = useNext(conversation.id)
  const [opened, open] = useState<HeadMenu>(null)
  const isResolved = conversation.status === 'resolved'
  const end = useEnd({ actions, isResolved, openNext })
  useHeadKeys({ actions, end, isResolved, open })
  const opening = (name: HeadMenu) => ({
    isOpen: opened === name,
    onOpenChange: (isOpen: boolean) => {
      open(isOpen ? name : null)
    },
  })
  const endName = say(isResolved ? 'thread.action.reopen' : 'thread.action.resolve')
  return (
    <div className={styles.actions}>
      <AssigneePicker conversation={conversation} actions={actions} {...opening('assignee')} />
      <LabelPicker
        conversation={conversation}
        actions={actions}
        {...opening('labels')}
        trigger={
          <IconButton label={say('thread.action.labels')} shortcut="L" className={styles.spare}>
            <Tag />
          </IconButton>
        }
      />
      <SnoozePicker
        actions={actions}
        onSnoozed={openNext}
        {...opening('snooze')}
        trigger={
          <IconButton label={say('thread.action.snooze')} shortcut="S" className={styles.spare}>
            <Clock />
          </IconButton>
        }
      />
      <Button shortcut="E" title={isResolved ? `${endName} (E)` : say('thread.action.resolveNext')} onClick={end}>
        {isResolved ? <Undo2 aria-hidden="true" /> : <Check aria-hidden="true" />}
        <span className={styles.label}>{endName}</span>
      </Button>
      <MoreMenu conversation={conversation} actions={actions} onOpen={open} {...opening('more')} />
      <TeamPicker conversation={conversation} actions={actions} {...opening('team')} />
      <IconButton label={say('thread.action.panel')} shortcut="]" className={styles.wide} onClick={togglePanel}>
        <PanelRight />
      </IconButton>
      {opened === 'merge' && (
        <Suspense fallback={null}>
          <MergeDialog
            conversation={conversation}
            isOpen
            onClose={() => {
              open(null)
            }}
          />
        </Suspense>
      )}
    </div>
  )
}

interface EndState {
  readonly actions: ConversationActions
  readonly isResolved: boolean
  readonly openNext: () => void
}

// Resolves and opens the next, or reopens.
function useEnd({ actions, isResolved, openNext }: EndState): () => void {
  return useMemo(
    () => () => {
      if (isResolved) {
        actions.reopen()
        return
      }
      actions.resolve()
      openNext()
    },
    [actions, isResolved, openNext],
  )
}

interface KeyState {
  readonly actions: ConversationActions
  readonly end: () => void
  readonly isResolved: boolean
  readonly open: (name: HeadMenu) => void
}

function useHeadKeys({ actions, end, isResolved, open }: KeyState): void {
  useActions(
    useMemo<readonly Action[]>(() => {
      const action = (id: string, key: string, run: () => void): Action => ({
        id,
        name: `thread.action.${id}` as Action['name'],
        keys: [key],
        group: 'conversation',
        run,
      })
      const opening = (name: HeadMenu) => () => {
        open(name)
      }
      const assignMe = (): void => {
        actions.assign(actions.me)
      }
      return [
        action(isResolved ? 'reopen' : 'resolve', 'e', end),
        action('assign', 'a', opening('assignee')),
        action('assignMe', 'i', assignMe),
        action('team', 't', opening('team')),
        action('labels', 'l', opening('labels')),
        action('priority', 'p', opening('more')),
        action('snooze', 's', opening('snooze')),
        action('unread', 'u', actions.markUnread),
        action('merge', 'm', opening('merge')),
      ]
    }, [actions, end, isResolved, open]),
  )
}
