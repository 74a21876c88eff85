// Who gets the reply: what the server says when nothing is changed, and what the agent changed.

import { queryOptions } from '@tanstack/react-query'

import { api, ask } from '../../api/client'
import type { ConversationKey } from './conversation-key'
import { recipientsKey } from './send'

export const fields = ['to', 'cc', 'bcc'] as const
export type Field = (typeof fields)[number]

export interface Recipient {
  readonly email: string
  readonly name: string | null
  /** Why they get it, as the API says; `added_by_you` for those the agent added here. */
  readonly reason: string
}

export interface Recipients {
  readonly to: readonly Recipient[]
  readonly cc: readonly Recipient[]
  readonly bcc: readonly Recipient[]
}

export interface ReplyRecipients extends Recipients {
  /** Were on the last mail, but get the reply only when they are added. */
  readonly leftOut: readonly Recipient[]
}

export function recipientsQuery(conversation: ConversationKey) {
  return queryOptions({
    queryKey: recipientsKey(conversation),
    queryFn: async ({ signal }): Promise<ReplyRecipients> => {
      const {
        to,
        cc,
        bcc,
        left_out: leftOut,
      } = await ask(
        api.GET('/api/v1/accounts/{accountId}/conversations/{displayId}/reply_recipients', {
          params: { path: conversation },
          signal,
        }),
      )
      return { to, cc, bcc, leftOut }
    },
  })
}

/** Adds a recipient to a field, and removes them from the others. */
export function addRecipient(recipients: Recipients, field: Field, recipient: Recipient): Recipients {
  const without = removeRecipient(recipients, recipient.email)
  return { ...without, [field]: [...without[field], recipient] }
}

export function removeRecipient(recipients: Recipients, email: string): Recipients {
  const keep = (list: readonly Recipient[]) => list.filter((one) => one.email.toLowerCase() !== email.toLowerCase())
  return { to: keep(recipients.to), cc: keep(recipients.cc), bcc: keep(recipients.bcc) }
}

/** Addresses that were typed or pasted, separated by commas, semicolons or spaces. Never throws. */
export function parseAddresses(text: string): readonly string[] {
  const bracketed = [...text.matchAll(/<([^<>\s]+@[^<>\s]+)>/g)].map(([, address]) => address ?? '')
  const found = bracketed.length > 0 ? bracketed : text.split(/[,;\s]+/)
  return found.filter((one) => /^[^@\s]+@[^@\s]+\.[^@\s]+$|^[^@\s]+@localhost$/.test(one))
}
