// GET …/conversations/:displayId/reply_recipients: recipients of the next reply by default, each with its reason.

import { z } from 'zod'

import { omissionReasons, recipientReasons } from '../../conversations/messages/reply-recipients.ts'
import type { Ledger } from '../../ledger.ts'
import { listOf, maybeText, named, text } from '../present/kinds.ts'
import { forMember, type Route } from '../request/route.ts'
import { getConversation } from './get-conversation.ts'

const recipient = named('ReplyRecipient', z.object({ email: text, name: maybeText, reason: z.enum(recipientReasons) }))
const leftOut = z.object({ email: text, name: maybeText, reason: z.enum(omissionReasons) })

export function replyRecipientRoutes({
  ledger,
}: {
  readonly ledger: Pick<Ledger, 'conversations' | 'messages'>
}): Route[] {
  return [
    forMember(
      'GET /conversations/:displayId/reply_recipients',
      {
        tag: 'Conversations',
        summary: 'List the recipients of the next reply if its author names none',
        answer: z.object({
          to: listOf(recipient),
          cc: listOf(recipient),
          bcc: listOf(recipient),
          left_out: listOf(leftOut),
        }),
      },
      async (request) => {
        const { id } = await getConversation(ledger.conversations, request)
        const { leftOut: others, ...recipients } = await ledger.messages.readReplyRecipients(id)
        return { ...recipients, left_out: others }
      },
    ),
  ]
}
