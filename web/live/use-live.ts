// Follows the account's events while the page is open, and keeps what is shown up to date with them.

import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

import { hasSessionEnded } from '../api/session'
import { useAccountId } from '../shell/go'
import { applyEvent } from './apply-event'
import type { LiveEvent, Request, StreamMessage } from './protocol'
import { openStream } from './stream'

export type LiveState = 'online' | 'offline'

/** A break shorter than this is not worth a line on the screen. */
const patienceMs = 2000

type Listener = (event: LiveEvent) => void
const listeners = new Set<Listener>()

/** Calls `listener` with every event, after the cache has taken it in. */
export function useEvents(listener: Listener): void {
  useEffect(() => {
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  }, [listener])
}

export function useLive(): LiveState {
  const accountId = useAccountId()
  const queries = useQueryClient()
  const [state, setState] = useState<LiveState>('online')
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const onMessage = (message: StreamMessage): void => {
      if (message.kind === 'event') {
        applyEvent(queries, accountId, message.event)
        for (const listener of listeners) listener(message.event)
      } else if (message.kind === 'reset') void queries.invalidateQueries()
      else if (message.kind === 'refused') void hasSessionEnded(queries).catch(() => undefined)
      else {
        clearTimeout(timer)
        if (message.state === 'online') setState('online')
        else timer = setTimeout(setState, patienceMs, 'offline')
      }
    }
    const close = connect(accountId, onMessage)
    return () => {
      clearTimeout(timer)
      close()
    }
  }, [accountId, queries])
  return state
}

// Where there are no shared workers (Chrome on Android), a tab has a stream of its own.
function connect(accountId: number, onMessage: (message: StreamMessage) => void): () => void {
  if (typeof SharedWorker === 'undefined') return openStream(accountId, onMessage).close
  const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'rethread-events' })
  const send = (request: Request): void => {
    worker.port.postMessage(request)
  }
  worker.port.onmessage = ({ data }: MessageEvent<StreamMessage>) => {
    onMessage(data)
  }
  const listen = (): void => {
    send({ kind: 'listen', accountId })
  }
  const leave = (): void => {
    send({ kind: 'leave' })
  }
  // A page that comes back from the browser's cache has said goodbye.
  addEventListener('pageshow', listen)
  addEventListener('pagehide', leave)
  listen()
  return () => {
    removeEventListener('pageshow', listen)
    removeEventListener('pagehide', leave)
    leave()
    worker.port.close()
  }
}
