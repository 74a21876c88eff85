// A short fact at the end of a line: a label, a state, a reason.

import type { ReactNode } from 'react'

import styles from './chip.module.css'

export type ChipLook = 'plain' | 'needs-you' | 'failed' | 'done' | 'note'

export function Chip({
  look = 'plain',
  title,
  children,
}: {
  readonly look?: ChipLook
  readonly title?: string
  readonly children: ReactNode
}) {
  return (
    <span className={`${styles.chip ?? ''} ${styles[look] ?? ''}`} title={title}>
      {children}
    </span>
  )
}
