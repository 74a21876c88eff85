// The draft of a conversation: kept in the browser with each change, on the server a second after the last one.

import { useCallback, useEffect, useRef, useState } from 'react'

import { type Draft, keepDraft, readDraft } from '../drafts'
import type { ConversationKey } from './conversation-key'
import { putServerDraft, readServerDraft } from './server-draft'

interface Written {
  readonly content: string
  readonly isNote: boolean
}

export interface DraftState {
  readonly draft: Written
  readonly change: (changes: Partial<Written>) => void
  /** The message is sent: the server deletes its draft with it. */
  readonly clear: () => void
  readonly state: 'saved' | 'unsaved'
}

const pauseMs = 1000

export function useDraft({ accountId, displayId }: ConversationKey): DraftState {
  const [draft, setDraft] = useState<Written>(
    () => readDraft({ accountId, displayId }) ?? { content: '', isNote: false },
  )
  const [state, setState] = useState<'saved' | 'unsaved'>('unsaved')
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const isTouched = useRef(false)
  useEffect(() => {
    let isWanted = true
    void readServerDraft({ accountId, displayId }).then((found) => {
      // What was written here since is newer.
      if (!isWanted || found === null || isTouched.current) return
      const local = readDraft({ accountId, displayId })
      if (local === null || local.savedAt < found.savedAt) setDraft({ content: found.content, isNote: found.isNote })
    })
    return () => {
      isWanted = false
    }
  }, [accountId, displayId])
  const change = useCallback(
    (changes: Partial<Written>) => {
      isTouched.current = true
      setDraft((before) => {
        const next: Draft = { ...before, ...changes, savedAt: Date.now() }
        keepDraft({ accountId, displayId }, next)
        clearTimeout(timer.current)
        if (changes.content !== undefined) {
          setState('unsaved')
          timer.current = setTimeout(() => {
            void putServerDraft({ accountId, displayId }, next).then((isSaved) => {
              if (isSaved && next.content.trim() !== '') setState('saved')
            })
          }, pauseMs)
        }
        return next
      })
    },
    [accountId, displayId],
  )
  const clear = useCallback(() => {
    clearTimeout(timer.current)
    keepDraft({ accountId, displayId }, null)
    setDraft(({ isNote }) => ({ content: '', isNote }))
    setState('unsaved')
  }, [accountId, displayId])
  return { draft, change, clear, state }
}
