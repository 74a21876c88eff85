// …/conversations/:displayId/labels: all of them at once, as in Chatwoot, and one by one, so that two writers do not
// lose each other's.

import type { Ledger } from '../../ledger.ts'
import { found, saved } from '../input/fault.ts'
import { list } from '../input/fields.ts'
import { labelOf } from '../input/label.ts'
import { payloadOf, text } from '../present/kinds.ts'
import { forMember, type MemberRequest, type Route } from '../request/route.ts'
import { performerOf } from './conversation-input.ts'
import { getConversation } from './get-conversation.ts'

const spec = { tag: 'Conversations', answer: payloadOf(text) } as const
const path = '/conversations/:displayId/labels'

export function conversationLabelRoutes({
  ledger,
}: {
  readonly ledger: Pick<Ledger, 'conversations' | 'actions'>
}): Route[] {
  const { actions, conversations } = ledger
  const of = (request: MemberRequest) => getConversation(conversations, request)
  return [
    forMember(`GET ${path}`, { ...spec, summary: 'List the labels of a conversation' }, async (request) => ({
      payload: (await of(request)).labels,
    })),
    forMember(
      `POST ${path}`,
      { ...spec, summary: 'Replace the labels of a conversation', takes: { labels: list } },
      async (request) => {
        const change = { labels: request.given.labels ?? [], by: performerOf(request.member) }
        return { payload: found(await actions.changeLabels((await of(request)).id, change)) }
      },
    ),
    ...([true, false] as const).map((isThere) =>
      forMember(
        `${isThere ? 'UPDATE' : 'DELETE'} ${path}/:label`,
        { ...spec, summary: isThere ? 'Add a label' : 'Remove a label' },
        async (request) => {
          const change = { label: labelOf(request.params), isThere, by: performerOf(request.member) }
          return { payload: saved(found(await actions.changeLabel((await of(request)).id, change))) }
        },
      ),
    ),
  ]
}
