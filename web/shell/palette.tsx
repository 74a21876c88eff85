// Search or run a command (Ctrl/⌘ K): actions that can run now, conversations, contacts.

import { Dialog as Base } from '@base-ui/react/dialog'
import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useId, useState } from 'react'

import { Key } from '../ui/key'
import { useWords } from '../words/words'
import { keyName } from './actions'
import { useAccountId } from './go'
import styles from './palette.module.css'
import { type Entry, searchQuery, useEntries } from './palette-entries'
import { useSettled } from './use-settled'

export function Palette({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const say = useWords()
  return (
    <Base.Root
      open={isOpen}
      onOpenChange={(next) => {
        if (!next) onClose()
      }}
    >
      <Base.Portal>
        <Base.Backdrop className={styles.backdrop} />
        <Base.Popup className={styles.popup} aria-label={say('shell.action.palette')}>
          <Content onClose={onClose} />
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

/** The server is asked after such a pause in typing. */
const pauseMs = 120

function Content({ onClose }: { readonly onClose: () => void }) {
  const say = useWords()
  const listId = useId()
  const [query, setQuery] = useState('')
  const [position, setPosition] = useState(0)
  const asked = useSettled(query.trim(), pauseMs)
  const { data: found } = useQuery(searchQuery(useAccountId(), asked))
  const entries = useEntries(query.trim(), found)
  const chosen = Math.min(position, entries.length - 1)
  const run = (entry: Entry | undefined): void => {
    if (entry === undefined) return
    onClose()
    entry.run()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined) {
      event.preventDefault()
      setPosition((chosen + step + entries.length) % Math.max(1, entries.length))
    }
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) run(entries[chosen])
  }
  return (
    <>
      <input
        className={styles.input}
        role="combobox"
        aria-label={say('shell.action.palette')}
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={entries.length === 0 ? undefined : `${listId}-${String(chosen)}`}
        placeholder={say('shell.palette.placeholder')}
        value={query}
        autoFocus
        autoComplete="off"
        spellCheck={false}
        onChange={({ target }) => {
          setQuery(target.value)
          setPosition(0)
        }}
        onKeyDown={onKeyDown}
      />
      <ul className={styles.list} role="listbox" id={listId} aria-label={say('shell.action.palette')}>
        {entries.map((entry, index) => (
          <Row
            key={entry.id}
            id={`${listId}-${String(index)}`}
            entry={entry}
            heading={entries[index - 1]?.group === entry.group ? null : say(entry.group)}
            isChosen={index === chosen}
            onPoint={() => {
              setPosition(index)
            }}
            onRun={() => {
              run(entry)
            }}
          />
        ))}
      </ul>
      {entries.length === 0 && <p className={styles.none}>{say('shell.palette.none', { query })}</p>}
    </>
  )
}

interface RowProps {
  readonly id: string
  readonly entry: Entry
  readonly heading: string | null
  readonly isChosen: boolean
  readonly onPoint: () => void
  readonly onRun: () => void
}

function Row({ id, entry, heading, isChosen, onPoint, onRun }: RowProps) {
  return (
    <>
      {heading !== null && (
        <li className={styles.heading} role="presentation">
          {heading}
        </li>
      )}
      <li
        id={id}
        role="option"
        aria-selected={isChosen}
        className={styles.row}
        ref={(element) => {
          if (isChosen) element?.scrollIntoView({ block: 'nearest' })
        }}
        onPointerMove={onPoint}
        onClick={onRun}
      >
        <span className={styles.name} dir="auto">
          {entry.name}
        </span>
        {entry.detail !== undefined && (
          <span className={styles.detail} dir="auto">
            {entry.detail}
          </span>
        )}
        {entry.keys !== undefined && <Key>{keyName(entry.keys)}</Key>}
      </li>
    </>
  )
}
