// Shown where a list or page is empty: its purpose, and the next thing to do.

import type { ReactNode } from 'react'

import styles from './empty.module.css'

export function Empty({
  title,
  text,
  children,
}: {
  readonly title: string
  readonly text?: string
  readonly children?: ReactNode
}) {
  return (
    <div className={styles.empty} role="status">
      <h2>{title}</h2>
      {text !== undefined && <p>{text}</p>}
      {children !== undefined && <div className={styles.actions}>{children}</div>}
    </div>
  )
}
