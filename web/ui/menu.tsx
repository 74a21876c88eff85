// A menu of actions or choices under a button. Each entry shows the key that does the same.

import { Menu as Base } from '@base-ui/react/menu'
import { Check } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'

import { Key } from './key'
import styles from './menu.module.css'

interface MenuProps {
  /** The button that opens it. */
  readonly trigger: ReactElement
  readonly children: ReactNode
  readonly align?: 'start' | 'end'
  readonly isOpen?: boolean
  readonly onOpenChange?: (isOpen: boolean) => void
}

export function Menu({ trigger, children, align = 'start', isOpen, onOpenChange }: MenuProps) {
  return (
    <Base.Root
      {...(isOpen === undefined ? {} : { open: isOpen })}
      {...(onOpenChange === undefined
        ? {}
        : {
            onOpenChange: (next) => {
              onOpenChange(next)
            },
          })}
    >
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className={styles.positioner} align={align} sideOffset={4}>
          <Base.Popup className={styles.popup}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

interface EntryProps {
  readonly onSelect: () => void
  readonly shortcut?: string | undefined
  readonly isChosen?: boolean
  readonly isDanger?: boolean
  readonly isDisabled?: boolean
  readonly children: ReactNode
}

export function MenuEntry({
  onSelect,
  shortcut,
  isChosen,
  isDanger = false,
  isDisabled = false,
  children,
}: EntryProps) {
  return (
    <Base.Item
      className={`${styles.entry ?? ''} ${isDanger ? (styles.danger ?? '') : ''}`}
      disabled={isDisabled}
      onClick={onSelect}
    >
      <span className={styles.text}>{children}</span>
      {isChosen === true && <Check className={styles.check} aria-hidden="true" />}
      {shortcut !== undefined && <Key>{shortcut}</Key>}
    </Base.Item>
  )
}

export function MenuHeading({ children }: { readonly children: ReactNode }) {
  return <div className={styles.heading}>{children}</div>
}

export function MenuLine() {
  return <Base.Separator className={styles.line} />
}
