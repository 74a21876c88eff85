// Grey lines where text will stand. They appear only when there is nothing to show after 150 ms.

import styles from './skeleton.module.css'

export function Skeleton({ rows, label }: { readonly rows: number; readonly label: string }) {
  return (
    <div className={styles.skeleton} role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} className={styles.row} />
      ))}
    </div>
  )
}
