// POST …/conversations/:displayId/viewing: the member has the conversation open, or no longer has.

import { z } from 'zod'

import type { Ledger } from '../../ledger.ts'
import { flag } from '../input/fields.ts'
import { id, isoTime, payloadOf, text } from '../present/kinds.ts'
import { forMember, type Route } from '../request/route.ts'
import { getConversation } from './get-conversation.ts'

const viewerShape = z.object({ id, name: text, expires_at: isoTime })

export function viewingRoutes({ ledger }: { readonly ledger: Pick<Ledger, 'conversations' | 'actions'> }): Route[] {
  return [
    forMember(
      'POST /conversations/:displayId/viewing',
      {
        tag: 'Conversations',
        summary: 'Report every 20 seconds that you have a conversation open; returns the other viewers',
        takes: { viewing: flag },
        answer: payloadOf(viewerShape),
      },
      async (request) => {
        const { id: conversationId, accountId, displayId } = await getConversation(ledger.conversations, request)
        const { id: userId, displayName, name } = request.member.user
        const viewers = await ledger.actions.noteViewing({
          ...{ accountId, conversationId, displayId },
          user: { id: userId, name: displayName ?? name },
          on: request.given.viewing ?? true,
        })
        return { payload: viewers.map(({ expiresAt, ...viewer }) => ({ ...viewer, expires_at: expiresAt })) }
      },
    ),
  ]
}
