// …/conversations/:displayId/random_message: in development, an incoming mail of the contact, to see its effects in a
// client (a row that moves, a count, a notice) without a second person. For administrators, because it writes in a
// contact's name.

import { z } from 'zod'

import type { Ledger } from '../../ledger.ts'
import { getConversation } from '../conversations/get-conversation.ts'
import { found, notFound, unprocessable } from '../input/fault.ts'
import { inboundEmailWithTraceShape, presentInboundEmailWithTrace } from '../present/inbound-email.ts'
import type { InboundEmails } from '../present/inbound-email-access.ts'
import { forAdministrator, forMember, type MemberRequest, type Route } from '../request/route.ts'

interface Deps {
  readonly ledger: Pick<Ledger, 'conversations' | 'replyAddresses'>
  readonly inboundEmails: Pick<InboundEmails, 'compose' | 'submitMail'>
  /** RANDOM_MESSAGES. */
  readonly isOn: boolean
}

const path = '/conversations/:displayId/random_message'
const tag = 'Messages'
const sentences = [
  'Has it been sent?',
  'Thank you, that helped!',
  'Could you have another look?',
  'It still does not work, sorry.',
  'When can I expect it?',
  'I have found the number: it is on the box.',
  'Please call me instead.',
  'Perfect.',
]

export function randomMessageRoutes(deps: Deps): Route[] {
  return [
    forMember(
      `GET ${path}`,
      { tag, summary: 'Check whether the caller may add random messages', answer: z.object({ enabled: z.boolean() }) },
      ({ member }) => ({ enabled: deps.isOn && member.role === 'administrator' }),
    ),
    forAdministrator(
      `POST ${path}`,
      {
        tag,
        summary: 'In development, receive a random mail from the contact',
        answer: inboundEmailWithTraceShape,
      },
      async (request) => {
        if (!deps.isOn) throw notFound()
        return presentInboundEmailWithTrace(found(await add(deps, request)))
      },
    ),
  ]
}

async function add({ ledger, inboundEmails }: Deps, request: MemberRequest) {
  const conversation = await getConversation(ledger.conversations, request)
  const { accountId, id: conversationId } = conversation
  const issued = await ledger.replyAddresses.issue({ accountId, conversationId, contactId: null, email: null, days: 1 })
  if (typeof issued === 'string')
    throw unprocessable('The contact has no email address, or this account does not receive mail')
  const text = sentences[Math.floor(Math.random() * sentences.length)] ?? ''
  const raw = inboundEmails.compose({
    from: issued.email,
    to: [issued.address],
    subject: 'Re: your message',
    text: `${text} (${String(Math.floor(Math.random() * 10_000))})`,
    inReplyTo: issued.root,
  })
  return inboundEmails.submitMail({ accountId }, { raw, sender: issued.email, recipients: [issued.address] })
}
