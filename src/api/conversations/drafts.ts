// …/conversations/:displayId/draft: the caller's unsent draft; …/drafts lists the caller's drafts.

import { z } from 'zod'

import { type Draft, type DraftFields, draftModes } from '../../conversations/drafts/drafts.ts'
import type { Ledger } from '../../ledger.ts'
import { ApiFault, unprocessable } from '../input/fault.ts'
import { filledText, list, recordId, text as textField } from '../input/fields.ts'
import { id, isoTime, listOf, named, payloadOf, text } from '../present/kinds.ts'
import { forMember, type Given, type MemberRequest, type Route } from '../request/route.ts'
import { getConversation } from './get-conversation.ts'

interface Deps {
  readonly ledger: Pick<Ledger, 'conversations' | 'drafts'>
}

const path = '/conversations/:displayId/draft'
const spec = { tag: 'Messages' } as const
const takes = {
  content: textField,
  mode: filledText,
  to: list,
  cc: list,
  bcc: list,
  attachments: list,
  version: recordId,
}
const draftShape = named(
  'Draft',
  z.object({
    conversation_id: id,
    content: text,
    mode: z.enum(draftModes),
    to: listOf(text),
    cc: listOf(text),
    bcc: listOf(text),
    attachments: listOf(text),
    version: id,
    updated_at: isoTime,
  }),
)
const oneShape = z.object({ payload: draftShape.nullable() })

export function draftRoutes(deps: Deps): Route[] {
  const { drafts } = deps.ledger
  const ownerOf = async (request: MemberRequest) => {
    const { id: conversationId, accountId } = await getConversation(deps.ledger.conversations, request)
    return { conversationId, accountId, userId: request.member.user.id }
  }
  type Owner = Awaited<ReturnType<typeof ownerOf>>
  const show = async (owner: Owner) => ({ payload: present(await drafts.findDraft(owner)) })
  const refuse = async (owner: Owner) =>
    new ApiFault('conflict', { error: 'The draft was changed elsewhere', ...(await show(owner)) })
  return [
    forMember(
      `GET ${path}`,
      { ...spec, summary: 'Get your draft in a conversation', answer: oneShape },
      async (request) => show(await ownerOf(request)),
    ),
    forMember(
      `UPDATE ${path}`,
      { ...spec, summary: 'Save your draft over the version that you know', takes, answer: oneShape },
      async (request) => {
        const owner = await ownerOf(request)
        const { fields, version } = parse(request.given)
        if (!(await drafts.saveDraft(owner, fields, version))) throw await refuse(owner)
        return show(owner)
      },
    ),
    forMember(
      `DELETE ${path}`,
      { ...spec, summary: 'Delete your draft', takes: { version: recordId } },
      async (request) => {
        const owner = await ownerOf(request)
        if (!(await drafts.deleteDraft(owner, request.given.version ?? null))) throw await refuse(owner)
        return undefined
      },
    ),
    forMember(
      'GET /drafts',
      { ...spec, summary: 'List your drafts in the account, the latest first', answer: payloadOf(draftShape) },
      async ({ member }) => ({
        payload: (
          await drafts.listDrafts({ accountId: member.account.id, userId: member.user.id }, member.visibleInboxes)
        ).flatMap((draft) => present(draft) ?? []),
      }),
    ),
  ]
}

function parse(given: Given<typeof takes>): { readonly fields: DraftFields; readonly version: number } {
  const mode = draftModes.find((name) => name === (given.mode ?? 'reply'))
  if (mode === undefined) throw unprocessable('mode must be reply or note')
  const { content, to = [], cc = [], bcc = [], attachments = [], version = 0 } = given
  return { fields: { content: content ?? '', mode, to, cc, bcc, attachments }, version }
}

function present(draft: Draft | null): z.output<typeof draftShape> | null {
  if (draft === null) return null
  const { conversationId, updatedAt, ...fields } = draft
  return { ...fields, conversation_id: conversationId, updated_at: updatedAt }
}
