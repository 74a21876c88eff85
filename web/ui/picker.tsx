// A list to choose from, with a field that narrows it: assignees, teams, labels, priorities, times. Opens under its
// button or by its key; chosen with arrows and Enter.

import { Popover } from '@base-ui/react/popover'
import { Check } from 'lucide-react'
import { type KeyboardEvent, type ReactElement, type ReactNode, useId, useState } from 'react'

import styles from './picker.module.css'

export interface Choice {
  readonly id: string
  readonly name: string
  readonly mark?: ReactNode
  readonly detail?: string
  readonly isChosen?: boolean
}

interface PickerProps {
  readonly trigger: ReactElement
  readonly label: string
  readonly choices: readonly Choice[]
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
  readonly onChoose: (id: string) => void
  /** Stays open after a choice. */
  readonly isMultiple?: boolean
  /** Further choices made of what is written, such as a time. */
  readonly understand?: (text: string) => readonly Choice[]
  readonly empty: string
}

export function Picker(props: PickerProps) {
  return (
    <Popover.Root
      open={props.isOpen}
      onOpenChange={(next) => {
        props.onOpenChange(next)
      }}
    >
      <Popover.Trigger render={props.trigger} />
      <Popover.Portal>
        <Popover.Positioner className={styles.positioner} align="end" sideOffset={4}>
          <Popover.Popup className={styles.popup} aria-label={props.label} role="dialog">
            <Content {...props} />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}

function Content({ label, choices, onChoose, onOpenChange, isMultiple = false, understand, empty }: PickerProps) {
  const listId = useId()
  const [text, setText] = useState('')
  const [position, setPosition] = useState(0)
  const words = text.trim().toLocaleLowerCase()
  const shown = [
    ...(understand?.(text) ?? []),
    ...choices.filter(({ name, detail }) => `${name} ${detail ?? ''}`.toLocaleLowerCase().includes(words)),
  ]
  const chosen = Math.min(position, shown.length - 1)
  const choose = (choice: Choice | undefined): void => {
    if (choice === undefined) return
    onChoose(choice.id)
    if (!isMultiple) onOpenChange(false)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined) {
      event.preventDefault()
      setPosition((chosen + step + shown.length) % Math.max(1, shown.length))
    }
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault()
      choose(shown[chosen])
    }
  }
  return (
    <>
      <input
        className={styles.input}
        role="combobox"
        aria-label={label}
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={shown.length === 0 ? undefined : `${listId}-${String(chosen)}`}
        placeholder={label}
        value={text}
        autoComplete="off"
        spellCheck={false}
        onChange={({ target }) => {
          setText(target.value)
          setPosition(0)
        }}
        onKeyDown={onKeyDown}
      />
      <ul className={styles.list} role="listbox" id={listId} aria-label={label}>
        {shown.map((choice, index) => (
          <li
            key={choice.id}
            id={`${listId}-${String(index)}`}
            role="option"
            aria-selected={index === chosen}
            className={styles.choice}
            ref={(element) => {
              if (index === chosen) element?.scrollIntoView({ block: 'nearest' })
            }}
            onPointerMove={() => {
              setPosition(index)
            }}
            onClick={() => {
              choose(choice)
            }}
          >
            {choice.mark}
            <span className={styles.name}>{choice.name}</span>
            {choice.detail !== undefined && <span className={styles.detail}>{choice.detail}</span>}
            {choice.isChosen === true && <Check className={styles.check} aria-hidden="true" />}
          </li>
        ))}
      </ul>
      {shown.length === 0 && <p className={styles.empty}>{empty}</p>}
    </>
  )
}
