// Whose the conversation is.

import { UserRound } from 'lucide-react'

import type { Conversation } from '../../api/client'
import { Avatar } from '../../ui/avatar'
import { useWords } from '../../words/words'
import styles from './head.module.css'

export function AssigneeMark({ conversation }: { readonly conversation: Conversation }) {
  const say = useWords()
  const { assignee } = conversation.meta
  if (assignee == null)
    return (
      <>
        <UserRound aria-hidden="true" />
        <span className={styles.label}>{say('thread.assign')}</span>
      </>
    )
  return (
    <>
      <Avatar name={assignee.name} size="tiny" />
      <span className={styles.label}>{assignee.name}</span>
    </>
  )
}
