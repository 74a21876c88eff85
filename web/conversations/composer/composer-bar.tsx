// Below the words: reply or note, formatting, files, and the ways to send.

import { ChevronDown, Paperclip, Send } from 'lucide-react'
import { type RefObject, useRef } from 'react'

import { keyName } from '../../shell/actions'
import { Button, IconButton } from '../../ui/button'
import { Menu, MenuEntry } from '../../ui/menu'
import { useWords } from '../../words/words'
import styles from './composer.module.css'
import { Toolbar } from './toolbar'
import type { Writing } from './use-writing'

interface ComposerBarProps {
  readonly field: RefObject<HTMLTextAreaElement | null>
  readonly writing: Writing
}

export function ComposerBar({ field, writing }: ComposerBarProps) {
  const say = useWords()
  const { isNote, change } = writing
  const write = (asNote: boolean) => () => {
    change({ isNote: asNote })
    field.current?.focus()
  }
  return (
    <div className={styles.bar}>
      <span className={styles.switch} role="group" aria-label={say('composer.kind')}>
        <button
          type="button"
          aria-pressed={!isNote}
          title={`${say('composer.action.reply')} (R)`}
          onClick={write(false)}
        >
          {say('composer.replyMode')}
        </button>
        <button type="button" aria-pressed={isNote} title={`${say('composer.action.note')} (N)`} onClick={write(true)}>
          {say('composer.noteMode')}
        </button>
      </span>
      <Toolbar field={field} />
      <AttachButton onFiles={writing.files.add} />
      <Hint writing={writing} />
      <SendButtons writing={writing} />
    </div>
  )
}

function AttachButton({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }) {
  const say = useWords()
  const chooser = useRef<HTMLInputElement>(null)
  return (
    <>
      <IconButton label={say('composer.attach')} onClick={() => chooser.current?.click()}>
        <Paperclip />
      </IconButton>
      <input
        ref={chooser}
        type="file"
        multiple
        hidden
        onChange={({ target }) => {
          onFiles([...(target.files ?? [])])
          target.value = ''
        }}
      />
    </>
  )
}

function Hint({ writing: { state, isEmpty } }: { readonly writing: Writing }) {
  const say = useWords()
  const hint = isEmpty ? say('composer.hint') : ''
  return (
    <span className={styles.hint} aria-live="polite">
      {state === 'saved' ? say('composer.draftSaved') : hint}
    </span>
  )
}

function SendButtons({ writing }: { readonly writing: Writing }) {
  const say = useWords()
  const { isNote, isReady, hasNobody, send } = writing
  const name = say(isNote ? 'composer.addNote' : 'composer.send')
  return (
    <span className={styles.send}>
      <Button
        look="primary"
        type="submit"
        disabled={!isReady}
        aria-label={name}
        title={hasNobody ? say('composer.nobody') : `${name} (${keyName('$mod+Enter')})`}
      >
        <Send aria-hidden="true" />
        {name}
      </Button>
      {!isNote && (
        <Menu
          align="end"
          trigger={
            <IconButton label={say('composer.sendMenu')} disabled={!isReady}>
              <ChevronDown />
            </IconButton>
          }
        >
          <MenuEntry
            shortcut={keyName('$mod+Shift+Enter')}
            onSelect={() => {
              send(true)
            }}
          >
            {say('composer.sendAndResolve')}
          </MenuEntry>
        </Menu>
      )}
    </span>
  )
}
