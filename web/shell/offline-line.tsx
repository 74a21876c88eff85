// A line at the top while the service cannot be reached. What is typed stays, and what is shown is what was read last.

import type { LiveState } from '../live/use-live'
import { useWords } from '../words/words'
import styles from './frame.module.css'

export function OfflineLine({ state }: { readonly state: LiveState }) {
  const say = useWords()
  if (state !== 'offline') return null
  return (
    <div className={styles.offline} role="status">
      <b>{say('shell.offline.title')}</b>
      <span>{say('shell.offline.text')}</span>
    </div>
  )
}
