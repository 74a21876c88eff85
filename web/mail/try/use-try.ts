// Explains a mail or delivers it, and keeps what came of it.

import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { type Schemas, toApiError } from '../../api/client'
import type { MailWithTrace } from '../queries'

export interface TriedMail {
  readonly raw: string
  readonly sender: string | null
  readonly recipients: readonly string[]
}

export type Result =
  | { readonly kind: 'explain'; readonly found: Schemas['Explanation'] }
  | { readonly kind: 'deliver'; readonly found: MailWithTrace }
  | { readonly kind: 'failed'; readonly message: string }

export interface Attempt {
  readonly isRunning: boolean
  readonly result: Result | null
  readonly run: (kind: 'explain' | 'deliver', mail: TriedMail) => Promise<void>
}

export function useTry(accountId: number): Attempt {
  const queries = useQueryClient()
  const [isRunning, setRunning] = useState(false)
  const [result, setResult] = useState<Result | null>(null)
  const run: Attempt['run'] = async (kind, mail) => {
    setRunning(true)
    try {
      const found = await post(
        `/api/v1/accounts/${String(accountId)}/inbound_emails${kind === 'explain' ? '/explain' : ''}`,
        mail,
      )
      setResult({ kind, found } as Result)
      if (kind === 'deliver') void queries.invalidateQueries({ queryKey: ['mail', accountId] })
    } catch (error) {
      setResult({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
    } finally {
      setRunning(false)
    }
  }
  return { isRunning, result, run }
}

// A mail is not JSON: it is sent as it is.
async function post(path: string, { raw, sender, recipients }: TriedMail): Promise<unknown> {
  const query = new URLSearchParams(sender === null ? {} : { sender })
  for (const recipient of recipients) query.append('recipient[]', recipient)
  const response = await fetch(`${path}?${query.toString()}`, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'content-type': 'message/rfc822' },
    body: raw.replace(/\r?\n/g, '\r\n'),
  })
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) throw toApiError(response.status, body)
  return body
}
