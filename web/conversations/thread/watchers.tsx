// The other viewers of the conversation, and who is typing: from events, removed when no renewal comes.

import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useState } from 'react'

import { api, type Conversation } from '../../api/client'
import { profileQuery } from '../../api/session'
import type { LiveEvent } from '../../live/protocol'
import { useEvents } from '../../live/use-live'
import { Avatar } from '../../ui/avatar'
import { useWords } from '../../words/words'
import styles from './head.module.css'

interface Watcher {
  readonly id: string
  readonly name: string
  readonly does: 'looks' | 'types'
  readonly until: number
}

const typingMs = 30_000
const lookingMs = 45_000
const heartbeatMs = 20_000

export function Watchers({ conversation }: { readonly conversation: Conversation }) {
  const say = useWords()
  const [watchers, setWatchers] = useState<readonly Watcher[]>([])
  const me = useQuery(profileQuery).data?.id
  useHeartbeat(conversation)
  useEvents(
    useCallback(
      ({ name, data }: LiveEvent) => {
        const isTyping = name.startsWith('conversation.typing')
        if (!isTyping && name !== 'conversation.viewing') return
        const user = data['user'] as { id?: number; name?: string; type?: string } | null
        const of = (data['conversation'] as { id?: number } | undefined)?.id ?? Number(data['conversation_id'])
        if (user == null || of !== conversation.id || user.id === me) return
        const id = `${user.type ?? 'user'}:${String(user.id)}`
        setWatchers((before) => {
          const others = before.filter((one) => one.id !== id && one.until > Date.now())
          if (name === 'conversation.typing_off' || data['viewing'] === false)
            return isTyping
              ? [...others, { id, name: user.name ?? '', does: 'looks', until: Date.now() + lookingMs }]
              : others
          const until = Date.now() + (isTyping ? typingMs : lookingMs)
          return [...others, { id, name: user.name ?? '', does: isTyping ? 'types' : 'looks', until }]
        })
      },
      [conversation.id, me],
    ),
  )
  useEffect(() => {
    const nextEnd = Math.min(...watchers.map(({ until }) => until))
    if (!Number.isFinite(nextEnd)) return undefined
    const timer = setTimeout(
      () => {
        setWatchers((before) => before.filter(({ until }) => until > Date.now()))
      },
      Math.max(0, nextEnd - Date.now()) + 50,
    )
    return () => {
      clearTimeout(timer)
    }
  }, [watchers])
  const typing = watchers.filter(({ does }) => does === 'types')
  return (
    <div className={styles.watchers} aria-live="polite">
      {watchers.map(({ id, name, does }) => (
        <Avatar
          key={id}
          name={name}
          size="tiny"
          label={say(does === 'types' ? 'thread.types' : 'thread.looks', { name })}
        />
      ))}
      {typing.length > 0 && <span>{say('thread.types', { name: typing.map(({ name }) => name).join(', ') })}</span>}
    </div>
  )
}

// Reports that the user views the conversation while the page is visible, and that they left.
function useHeartbeat({ account_id: accountId, id: displayId }: Conversation): void {
  useEffect(() => {
    const tell = (viewing: boolean): void => {
      void api
        .POST('/api/v1/accounts/{accountId}/conversations/{displayId}/viewing', {
          params: { path: { accountId, displayId } },
          body: { viewing },
          keepalive: true,
        })
        .catch(() => undefined)
    }
    const beat = (): void => {
      tell(document.visibilityState === 'visible')
    }
    beat()
    const timer = setInterval(beat, heartbeatMs)
    document.addEventListener('visibilitychange', beat)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', beat)
      tell(false)
    }
  }, [accountId, displayId])
}
