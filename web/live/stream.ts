// One stream of an account's events (GET …/events). It resumes after a break with the last position it has seen, and
// comes back with growing pauses, up to half a minute, when the server refuses it.

import { eventNames, type StreamMessage } from './protocol'

const longestPauseMs = 30_000

export interface Stream {
  readonly close: () => void
}

/** Opens it. `tell` gets what happens, in order, each event once. */
export function openStream(accountId: number, tell: (message: StreamMessage) => void): Stream {
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let lastEventId = ''
  let failures = 0
  let isClosed = false

  const connect = (): void => {
    const resume = lastEventId === '' ? '' : `?last_event_id=${encodeURIComponent(lastEventId)}`
    const opened = new EventSource(`/api/v1/accounts/${String(accountId)}/events${resume}`)
    source = opened
    opened.onopen = () => {
      failures = 0
      tell({ kind: 'state', state: 'online' })
    }
    opened.onerror = () => {
      if (source !== opened || isClosed) return
      tell({ kind: 'state', state: 'offline' })
      // Otherwise EventSource comes back with Last-Event-ID.
      if (opened.readyState === EventSource.CLOSED) comeBack()
    }
    opened.onmessage = remember
    opened.addEventListener('reset', (event) => {
      remember(event)
      tell({ kind: 'reset' })
    })
    for (const name of eventNames) {
      opened.addEventListener(name, (event) => {
        remember(event)
        tell({ kind: 'event', event: { name, data: JSON.parse(event.data as string) as Record<string, unknown> } })
      })
    }
  }
  const remember = ({ lastEventId: id }: MessageEvent): void => {
    if (id !== '') lastEventId = id
  }
  const comeBack = (): void => {
    source?.close()
    tell({ kind: 'refused' })
    failures += 1
    timer = setTimeout(connect, Math.min(longestPauseMs, 1000 * 2 ** failures) * (0.5 + Math.random() / 2))
  }
  const hurry = (): void => {
    if (isClosed || source?.readyState !== EventSource.CLOSED) return
    clearTimeout(timer)
    connect()
  }
  connect()
  addEventListener('online', hurry)
  return {
    close: () => {
      isClosed = true
      removeEventListener('online', hurry)
      clearTimeout(timer)
      source?.close()
    },
  }
}
