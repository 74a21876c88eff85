// …/new_conversation_addresses: the caller's own addresses at which they begin conversations by mail, one for each
// inbox (docs/guides/begin-by-mail.md). No one else reads them, administrators neither.

import { z } from 'zod'

import { isEmail } from '../../contracts/channels.ts'
import type { NewConversationAddress } from '../../conversations/agents/new-conversation-addresses.ts'
import type { Ledger } from '../../ledger.ts'
import { seesInbox } from '../conversations/get-conversation.ts'
import { found, notAllowed, notFound, unprocessable } from '../input/fault.ts'
import { idOf } from '../input/fields.ts'
import { id, payloadOf, text } from '../present/kinds.ts'
import { forMember, type MemberRequest, type Route } from '../request/route.ts'

const spec = { tag: 'Notifications' } as const
const path = '/inboxes/:inboxId/new_conversation_address'
const shape = z.object({ inbox_id: id, new_conversation_address: text })

type Deps = Pick<Ledger, 'inboxes' | 'newConversationAddresses'>

export function newAddressRoutes({ inboxes, newConversationAddresses: addresses }: Deps): Route[] {
  return [
    forMember(
      'GET /new_conversation_addresses',
      { ...spec, summary: 'List your addresses for new conversations', answer: payloadOf(shape) },
      async (request) => ({ payload: (await addresses.listAddresses(memberOf(request))).map(present) }),
    ),
    forMember(
      `POST ${path}`,
      {
        ...spec,
        summary: 'Make your address for new conversations in an inbox; one that you had is unknown from then on',
        answer: shape,
      },
      async (request) => {
        const inbox = found(await inboxes.findInbox(request.member.account.id, idOf(request.params['inboxId'])))
        if (!seesInbox(request.member, inbox.id)) throw notAllowed()
        if (!isEmail(inbox.channel.type)) throw unprocessable('Conversations begin by mail in email inboxes only')
        const made = await addresses.makeAddress(memberOf(request), inbox.id)
        if (made === 'feature-off')
          throw unprocessable('This account does not receive mail: the feature inbound_emails is off')
        return present(made)
      },
    ),
    forMember(
      `DELETE ${path}`,
      { ...spec, summary: 'Remove your address for new conversations in an inbox' },
      async (request) => {
        if (!(await addresses.removeAddress(memberOf(request), idOf(request.params['inboxId'])))) throw notFound()
        return undefined
      },
    ),
  ]
}

function memberOf({ member }: MemberRequest) {
  return { accountId: member.account.id, userId: member.user.id }
}

function present({ inboxId, address }: NewConversationAddress): z.output<typeof shape> {
  return { inbox_id: inboxId, new_conversation_address: address }
}
