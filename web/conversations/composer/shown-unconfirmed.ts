// Messages of the outbox in the form of the thread.

import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'

import { profileQuery } from '../../api/session'
import { messageTypes } from '../describe'
import type { ShownMessage } from '../thread/messages-query'
import type { ConversationKey } from './conversation-key'
import { type Unconfirmed, useUnconfirmed } from './outbox'

/** Those that are not among `known`: an event can tell of a message before its request is answered. */
export function useShownUnconfirmed(
  { accountId, displayId }: ConversationKey,
  known: readonly ShownMessage[],
): readonly ShownMessage[] {
  const entries = useUnconfirmed(accountId, displayId)
  const { data: profile } = useQuery(profileQuery)
  return useMemo(() => {
    const recent = known.slice(-entries.length - 1)
    const isThere = ({ request, at }: Unconfirmed): boolean =>
      recent.some(
        (one) =>
          one.content === request.content && one.private === request.private && one.created_at * 1000 > at - 2000,
      )
    return entries
      .filter((entry) => entry.state === 'failed' || !isThere(entry))
      .map((entry, position) => toMessage(entry, { id: -position - 1, name: profile?.available_name ?? '' }))
  }, [entries, known, profile])
}

function toMessage(
  { request, displayId, accountId, userId, files, at, state, error }: Unconfirmed,
  shown: { readonly id: number; readonly name: string },
): ShownMessage {
  return {
    id: shown.id,
    echo_id: request.echo_id,
    sending: { state, error },
    account_id: accountId,
    conversation_id: displayId,
    inbox_id: 0,
    message_type: messageTypes.outgoing,
    content: [request.content, ...files.map((name) => `📎 ${name}`)].filter(Boolean).join('\n'),
    content_type: 'text',
    content_attributes: { to_emails: request.to_emails, cc_emails: request.cc_emails, bcc_emails: request.bcc_emails },
    created_at: Math.floor(at / 1000),
    updated_at: new Date(at).toISOString(),
    private: request.private,
    status: 'sent',
    source_id: null,
    sender_type: 'User',
    sender_id: userId,
    external_source_ids: {},
    additional_attributes: {},
    processed_message_content: null,
    sentiment: {},
    sender: {
      id: userId,
      name: shown.name,
      available_name: shown.name,
      type: 'user',
      avatar_url: '',
      thumbnail: '',
      availability_status: 'online',
    } as never,
  }
}
