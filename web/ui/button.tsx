// Buttons: quiet by default, with a line, or as the one primary action of a view. The key that does the same stands in
// it and in its tooltip.

import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'

import styles from './button.module.css'
import { Key } from './key'

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: 'quiet' | 'line' | 'primary' | 'danger'
  /** The key that does the same. */
  readonly shortcut?: string
  readonly ref?: Ref<HTMLButtonElement>
}

export function Button({ look = 'line', shortcut, children, className, ...rest }: ButtonProps) {
  return (
    <button type="button" {...rest} className={[styles.button, styles[look], className].filter(Boolean).join(' ')}>
      {children}
      {shortcut !== undefined && <Key>{shortcut}</Key>}
    </button>
  )
}

interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> {
  /** What it does: its accessible name and tooltip. */
  readonly label: string
  readonly shortcut?: string
  readonly children: ReactNode
  readonly ref?: Ref<HTMLButtonElement>
}

/** A button that shows an icon only. */
export function IconButton({ label, shortcut, children, className, ...rest }: IconButtonProps) {
  const title = shortcut === undefined ? label : `${label} (${shortcut})`
  return (
    <button
      type="button"
      aria-label={label}
      title={title}
      {...rest}
      className={[styles.button, styles.quiet, styles.icon, className].filter(Boolean).join(' ')}
    >
      {children}
    </button>
  )
}
