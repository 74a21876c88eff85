// …/conversations/:displayId/participants and …/attachments.

import { z } from 'zod'

import type { ConversationRow } from '../../conversations/records/rows.ts'
import type { Ledger } from '../../ledger.ts'
import { saved } from '../input/fault.ts'
import { recordId, recordIds } from '../input/fields.ts'
import { pageOf } from '../input/paging.ts'
import { epoch, id, listOf } from '../present/kinds.ts'
import { attachmentShape, presentAttachment } from '../present/message.ts'
import { agentShape, presentAgent, presentSender, senderShape } from '../present/people.ts'
import { epochSeconds } from '../present/time.ts'
import { forMember, type MemberRequest, type Route } from '../request/route.ts'
import { getConversation } from './get-conversation.ts'

interface Deps {
  readonly ledger: Pick<Ledger, 'conversations' | 'actions' | 'agents' | 'messages'>
  readonly publicUrl: string
}

const spec = { tag: 'Conversations' } as const
const path = '/conversations/:displayId/participants'
const takes = { user_ids: recordIds }
const pageSize = 100
const fileShape = z.object({ ...attachmentShape.shape, created_at: epoch, sender: senderShape.optional() })

export function participantRoutes(deps: Deps): Route[] {
  const { actions } = deps.ledger
  const of = (request: MemberRequest): Promise<ConversationRow> => getConversation(deps.ledger.conversations, request)
  return [
    forMember(`GET ${path}`, { ...spec, summary: 'List participants', answer: listOf(agentShape) }, async (request) =>
      present(deps, await of(request)),
    ),
    forMember(
      `POST ${path}`,
      { ...spec, summary: 'Add participants', takes, answer: listOf(agentShape) },
      async (request) => {
        const conversation = await of(request)
        saved(toSaved(await actions.addParticipants(conversation, request.given.user_ids ?? [])))
        return present(deps, conversation)
      },
    ),
    forMember(
      `UPDATE ${path}`,
      { ...spec, summary: 'Replace the participants', takes, answer: listOf(agentShape) },
      async (request) => {
        const conversation = await of(request)
        saved(toSaved(await actions.replaceParticipants(conversation, request.given.user_ids ?? [])))
        return present(deps, conversation)
      },
    ),
    forMember(`DELETE ${path}`, { ...spec, summary: 'Remove participants', takes }, async (request) => {
      await actions.removeParticipants((await of(request)).id, request.given.user_ids ?? [])
      return undefined
    }),
    forMember(
      'GET /conversations/:displayId/attachments',
      {
        ...spec,
        summary: 'List the attachments of a conversation, newest first, 100 a page',
        takes: { page: recordId },
        answer: z.object({ meta: z.object({ total_count: id }), payload: listOf(fileShape) }),
      },
      async (request) => listFiles(deps, await of(request), request),
    ),
  ]
}

function toSaved(problems: Awaited<ReturnType<Deps['ledger']['actions']['addParticipants']>>) {
  return problems.length > 0 ? { problems } : { saved: null }
}

async function present({ ledger }: Deps, conversation: ConversationRow) {
  const ids = await ledger.actions.listParticipantIds(conversation.id)
  const agents = new Map(
    (await ledger.agents.findAgents(conversation.accountId, ids)).map((agent) => [agent.id, agent]),
  )
  return ids.flatMap((userId) => {
    const agent = agents.get(userId)
    return agent === undefined ? [] : [presentAgent(agent)]
  })
}

async function listFiles({ ledger, publicUrl }: Deps, conversation: ConversationRow, request: MemberRequest) {
  const { count, files } = await ledger.actions.listAttachments(conversation.id, pageOf(request.fields, pageSize))
  const messages = new Map(
    (await ledger.messages.findMessages(conversation.accountId, [...new Set(files.map((file) => file.messageId))])).map(
      (message) => [message.id, message],
    ),
  )
  const payload = files.flatMap((file) => {
    const message = messages.get(file.messageId)
    const attachment = message?.attachments.find(({ id: attachmentId }) => attachmentId === file.id)
    if (message === undefined || attachment === undefined) return []
    return [
      {
        ...presentAttachment(attachment, publicUrl),
        created_at: epochSeconds(message.createdAt),
        ...(message.sender === null ? {} : { sender: presentSender(message.sender) }),
      },
    ]
  })
  return { meta: { total_count: count }, payload }
}
