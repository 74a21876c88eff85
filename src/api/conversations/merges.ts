// …/conversations/:displayId/merge: another conversation is merged into this one, and that is undone.

import { z } from 'zod'

import type { Merge } from '../../conversations/merging/merge-rows.ts'
import type { Ledger } from '../../ledger.ts'
import { found } from '../input/fault.ts'
import { idOf, recordId } from '../input/fields.ts'
import { id, isoTime, named, payloadOf } from '../present/kinds.ts'
import { forMember, type MemberRequest, type Route } from '../request/route.ts'
import { performerOf } from './conversation-input.ts'
import { getConversation } from './get-conversation.ts'

interface Deps {
  readonly ledger: Pick<Ledger, 'conversations' | 'merges'>
}

const path = '/conversations/:displayId'
const spec = { tag: 'Conversations' } as const
const mergeShape = named(
  'Merge',
  z.object({
    id,
    conversation_id: id,
    merged_conversation_id: id,
    message_count: id,
    user_id: id.nullable(),
    created_at: isoTime,
    undo_until: isoTime,
    undone_at: isoTime.nullable(),
  }),
)

export function mergeRoutes(deps: Deps): Route[] {
  const { merges } = deps.ledger
  const of = (request: MemberRequest) => getConversation(deps.ledger.conversations, request)
  return [
    forMember(
      `POST ${path}/merge`,
      {
        ...spec,
        summary: 'Merge another conversation into this one',
        takes: { conversation_id: recordId },
        answer: mergeShape,
      },
      async (request) => {
        const target = await of(request)
        const displayId = String(request.given.conversation_id ?? 0)
        const merged = await of({ ...request, params: { ...request.params, displayId } })
        const by = performerOf(request.member)
        const mergeId = found(await merges.merge({ targetId: target.id, mergedId: merged.id, by }))
        return present(found(await merges.findMerge(target.id, mergeId)))
      },
    ),
    forMember(
      `DELETE ${path}/merge/:mergeId`,
      { ...spec, summary: 'Undo a merge, within 30 days', answer: mergeShape },
      async (request) => {
        const { id: targetId } = await of(request)
        const mergeId = idOf(request.params['mergeId'])
        const by = performerOf(request.member)
        found(await merges.undoMerge({ targetId, mergeId, by }))
        return present(found(await merges.findMerge(targetId, mergeId)))
      },
    ),
    forMember(
      `GET ${path}/merges`,
      {
        ...spec,
        summary: 'List the conversations that were merged into this one, the latest first',
        answer: payloadOf(mergeShape),
      },
      async (request) => ({ payload: (await merges.listMerges((await of(request)).id)).map(present) }),
    ),
  ]
}

function present(merge: Merge): z.output<typeof mergeShape> {
  return {
    id: merge.id,
    conversation_id: merge.conversationId,
    merged_conversation_id: merge.mergedConversationId,
    message_count: merge.messageCount,
    user_id: merge.userId,
    created_at: merge.createdAt,
    undo_until: merge.undoUntil,
    undone_at: merge.undoneAt,
  }
}
