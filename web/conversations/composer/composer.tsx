// Writing a reply or a private note. What is written is kept while it is written; what leaves is what is shown.

import { type DragEvent, type Ref, useEffect, useImperativeHandle, useMemo, useRef } from 'react'

import type { Conversation } from '../../api/client'
import { type Action, useActions } from '../../shell/actions'
import { useWords } from '../../words/words'
import styles from './composer.module.css'
import { ComposerBar } from './composer-bar'
import { RecipientsLine } from './recipients-line'
import { useWriting } from './use-writing'
import { WriteField } from './write-field'

export interface ComposerHandle {
  readonly write: (mode: 'reply' | 'note') => void
}

interface ComposerProps {
  readonly conversation: Conversation
  readonly ref: Ref<ComposerHandle>
}

export function Composer({ conversation, ref }: ComposerProps) {
  const say = useWords()
  const field = useRef<HTMLTextAreaElement>(null)
  const writing = useWriting(conversation)
  const { isNote, recipients, leftOut, change, files } = writing
  useImperativeHandle(ref, () => ({
    write: (mode) => {
      change({ isNote: mode === 'note' })
      field.current?.focus()
    },
  }))
  useSendKeys(writing.send)
  const onDrop = (event: DragEvent): void => {
    if (event.dataTransfer.files.length === 0) return
    event.preventDefault()
    files.add([...event.dataTransfer.files])
  }
  return (
    <form
      className={styles.composer}
      data-note={isNote ? '' : undefined}
      aria-label={say('composer.label')}
      onSubmit={(event) => {
        event.preventDefault()
        writing.send(false)
      }}
      onDragOver={(event) => {
        event.preventDefault()
      }}
      onDrop={onDrop}
    >
      <div className={styles.inner}>
        {recipients !== null && (
          <RecipientsLine recipients={recipients} leftOut={leftOut} onChange={writing.changeRecipients} />
        )}
        {isNote && <p className={styles.noteLine}>{say('composer.noteLine')}</p>}
        <WriteField field={field} conversation={conversation} writing={writing} />
        <ComposerBar field={field} writing={writing} />
      </div>
    </form>
  )
}

// The actions stay the same while what they send changes.
function useSendKeys(send: (thenResolve: boolean) => void): void {
  const latest = useRef(send)
  useEffect(() => {
    latest.current = send
  })
  useActions(
    useMemo<readonly Action[]>(
      () => [
        {
          ...sendAction,
          run: () => {
            latest.current(false)
          },
        },
        {
          ...sendAndResolveAction,
          run: () => {
            latest.current(true)
          },
        },
      ],
      [],
    ),
  )
}

const everywhere = { group: 'composer', isGlobal: true, isHidden: true } as const
const sendAction = { ...everywhere, id: 'send', name: 'composer.send', keys: ['$mod+Enter'] } as const
const sendAndResolveAction = {
  ...everywhere,
  id: 'send-resolve',
  name: 'composer.sendAndResolve',
  keys: ['$mod+Shift+Enter'],
} as const
