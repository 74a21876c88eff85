// The acts on the open conversation: as buttons, in a menu, and by their keys.

import { Check, Clock, PanelRight, Tag, Undo2 } from 'lucide-react'
import { lazy, Suspense, useMemo, useState } from 'react'

import type { Conversation } from '../../api/client'
import { type Act, useActs } from '../../shell/acts'
import { Button, IconButton } from '../../ui/button'
import { useWords } from '../../words/words'
import { AssigneePicker, LabelPicker, SnoozePicker, TeamPicker } from '../acts/pickers'
import { type ConversationActs, useConversationActs } from '../acts/use-conversation-acts'
import { useNext } from '../acts/use-next'
import { togglePanel } from '../panel/panel-state'
import styles from './head.module.css'
import type { HeadMenu } from './head-menu'
import { MoreMenu } from './more-menu'

const MergeDialog = lazy(async () => ({ default: (await import('../acts/merge-dialog')).MergeDialog }))

/** The actions in the head of a conversation. */
export function HeadActs({ conversation }: { readonly conversation: Conversation }) {
  const say = useWords()
  const acts = useConversationActs([conversation.id])
  const openNext = useNext(conversation.id)
  const [opened, open] = useState<HeadMenu>(null)
  const isResolved = conversation.status === 'resolved'
  const end = useEnd({ acts, isResolved, openNext })
  useHeadKeys({ acts, end, isResolved, open })
  const opening = (name: HeadMenu) => ({
    isOpen: opened === name,
    onOpenChange: (isOpen: boolean) => {
      open(isOpen ? name : null)
    },
  })
  const endName = say(isResolved ? 'thread.act.reopen' : 'thread.act.resolve')
  return (
    <div className={styles.acts}>
      <AssigneePicker conversation={conversation} acts={acts} {...opening('assignee')} />
      <LabelPicker
        conversation={conversation}
        acts={acts}
        {...opening('labels')}
        trigger={
          <IconButton label={say('thread.act.labels')} shortcut="L" className={styles.wide}>
            <Tag />
          </IconButton>
        }
      />
      <SnoozePicker
        acts={acts}
        onSnoozed={openNext}
        {...opening('snooze')}
        trigger={
          <IconButton label={say('thread.act.snooze')} shortcut="S" className={styles.wide}>
            <Clock />
          </IconButton>
        }
      />
      <Button shortcut="E" title={isResolved ? `${endName} (E)` : say('thread.act.resolveNext')} onClick={end}>
        {isResolved ? <Undo2 aria-hidden="true" /> : <Check aria-hidden="true" />}
        <span className={styles.label}>{endName}</span>
      </Button>
      <MoreMenu conversation={conversation} acts={acts} onOpen={open} {...opening('more')} />
      <TeamPicker conversation={conversation} acts={acts} {...opening('team')} />
      <IconButton label={say('thread.act.panel')} shortcut="]" className={styles.wide} onClick={togglePanel}>
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
  readonly acts: ConversationActs
  readonly isResolved: boolean
  readonly openNext: () => void
}

// Resolves and opens the next, or reopens.
function useEnd({ acts, isResolved, openNext }: EndState): () => void {
  return useMemo(
    () => () => {
      if (isResolved) {
        acts.reopen()
        return
      }
      acts.resolve()
      openNext()
    },
    [acts, isResolved, openNext],
  )
}

interface KeyState {
  readonly acts: ConversationActs
  readonly end: () => void
  readonly isResolved: boolean
  readonly open: (name: HeadMenu) => void
}

function useHeadKeys({ acts, end, isResolved, open }: KeyState): void {
  useActs(
    useMemo<readonly Act[]>(() => {
      const act = (id: string, key: string, run: () => void): Act => ({
        id,
        name: `thread.act.${id}` as Act['name'],
        keys: [key],
        group: 'conversation',
        run,
      })
      const opening = (name: HeadMenu) => () => {
        open(name)
      }
      const assignMe = (): void => {
        acts.assign(acts.me)
      }
      return [
        act(isResolved ? 'reopen' : 'resolve', 'e', end),
        act('assign', 'a', opening('assignee')),
        act('assignMe', 'i', assignMe),
        act('team', 't', opening('team')),
        act('labels', 'l', opening('labels')),
        act('priority', 'p', opening('more')),
        act('snooze', 's', opening('snooze')),
        act('unread', 'u', acts.markUnread),
        act('merge', 'm', opening('merge')),
      ]
    }, [acts, end, isResolved, open]),
  )
}
