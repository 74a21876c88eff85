// Sends a form once at a time, and keeps what went wrong where the form shows it.

import { type SyntheticEvent, useState } from 'react'

import { ApiError } from '../api/client'
import { useWords } from '../words/words'

export interface Submitting {
  readonly isBusy: boolean
  readonly error: string | null
  readonly clear: () => void
  /** An event handler that runs `action`. */
  readonly on: (action: () => Promise<void>) => (event?: SyntheticEvent) => void
}

export function useSubmit(): Submitting {
  const say = useWords()
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const run = async (action: () => Promise<void>) => {
    if (isBusy) return
    setBusy(true)
    setError(null)
    try {
      await action()
    } catch (thrown) {
      setError(sentenceOf(thrown, say('signIn.offline'), say('signIn.tooMany')))
    } finally {
      setBusy(false)
    }
  }
  return {
    isBusy,
    error,
    clear: () => {
      setError(null)
    },
    on: (action) => (event) => {
      event?.preventDefault()
      void run(action)
    },
  }
}

function sentenceOf(thrown: unknown, offline: string, tooMany: string): string {
  if (!(thrown instanceof ApiError)) return String(thrown)
  if (thrown.status === 0) return offline
  return thrown.status === 429 ? tooMany : thrown.message
}
