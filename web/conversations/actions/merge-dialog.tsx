// Merging another conversation into this one. It can be undone.

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { type Conversation, toApiError } from '../../api/client'
import { useAccountId } from '../../shell/go'
import { useSettled } from '../../shell/use-settled'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Time } from '../../ui/time'
import { tell } from '../../ui/toast'
import { useWords } from '../../words/words'
import { contactName, subjectOf } from '../describe'
import { listKey } from '../list-query'
import { searchConversations } from '../search-conversations'
import { messagesKey } from '../thread/messages-query'
import styles from './merge-dialog.module.css'

/** The server is asked after such a pause in typing. */
const pauseMs = 200

interface MergeDialogProps {
  readonly conversation: Conversation
  readonly isOpen: boolean
  readonly onClose: () => void
}

export function MergeDialog({ conversation, isOpen, onClose }: MergeDialogProps) {
  const say = useWords()
  return (
    <Dialog title={say('thread.merge.title', { id: conversation.id })} isOpen={isOpen} onClose={onClose}>
      {isOpen && <Content conversation={conversation} onClose={onClose} />}
    </Dialog>
  )
}

function Content({ conversation, onClose }: Omit<MergeDialogProps, 'isOpen'>) {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const [words, setWords] = useState('')
  const { data: found = [] } = useQuery(
    searchConversations(accountId, { words: useSettled(words, pauseMs), contactId: conversation.meta.sender.id }),
  )
  const others = found.filter(({ id }) => id !== conversation.id)
  const refresh = (): void => {
    void queries.invalidateQueries({ queryKey: listKey(accountId) })
    void queries.invalidateQueries({ queryKey: messagesKey(accountId, conversation.id) })
  }
  const merge = async (other: Conversation): Promise<void> => {
    onClose()
    try {
      const { id } = await send('POST', mergePath(accountId, conversation.id), { conversation_id: other.id })
      refresh()
      tell({
        text: say('thread.merge.done', { id: other.id, into: conversation.id }),
        undo: () => {
          send('DELETE', `${mergePath(accountId, conversation.id)}/${String(id)}`)
            .then(refresh)
            .catch((error: unknown) => {
              tell({ text: sentence(error), isFailure: true })
            })
        },
      })
    } catch (error) {
      tell({ text: sentence(error), isFailure: true, retry: () => void merge(other) })
    }
  }
  return (
    <>
      <p className={styles.text}>{say('thread.merge.text', { id: conversation.id })}</p>
      <input
        className={styles.input}
        autoFocus
        value={words}
        aria-label={say('thread.merge.find')}
        placeholder={say('thread.merge.find')}
        onChange={({ target }) => {
          setWords(target.value)
        }}
      />
      <ul className={styles.list}>
        {others.map((other) => (
          <li key={other.id}>
            <span className={styles.what} dir="auto">
              #{other.id} {subjectOf(other) ?? ''}
            </span>
            <span className={styles.who} dir="auto">
              {contactName(other)} · <Time at={other.last_activity_at} />
            </span>
            <Button onClick={() => void merge(other)}>{say('thread.merge.action', { id: other.id })}</Button>
          </li>
        ))}
      </ul>
      {others.length === 0 && <p className={styles.text}>{say('thread.merge.none')}</p>}
    </>
  )
}

const mergePath = (accountId: number, displayId: number): string =>
  `/api/v1/accounts/${String(accountId)}/conversations/${String(displayId)}/merge`

async function send(method: string, path: string, body?: object): Promise<{ readonly id?: number }> {
  const response = await fetch(path, {
    method,
    credentials: 'same-origin',
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer: unknown = await response.json().catch(() => ({}))
  if (!response.ok) throw toApiError(response.status, answer)
  return answer as { readonly id?: number }
}

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error))
