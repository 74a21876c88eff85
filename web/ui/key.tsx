// The name of a key, beside what it does.

import styles from './key.module.css'

export function Key({ children }: { readonly children: string }) {
  return (
    <kbd className={styles.key} aria-hidden="true">
      {children}
    </kbd>
  )
}
