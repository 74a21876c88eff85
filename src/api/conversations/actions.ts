// …/conversations/:displayId/…: actions on a conversation. Actions without a result answer 200 with an empty body.

import { z } from 'zod'

import type { Assignment } from '../../conversations/actions/assign.ts'
import { type ConversationRow, conversationStatuses } from '../../conversations/records/rows.ts'
import type { Ledger } from '../../ledger.ts'
import { isEmailAddress } from '../../mail/address.ts'
import { isTokenAddress } from '../../mail/reply-address.ts'
import { found, saved, unprocessable } from '../input/fault.ts'
import { anyField, filledText, flag, idOf, list, object } from '../input/fields.ts'
import { conversationShape, presentConversation, recipientShape } from '../present/conversation.ts'
import { id, isoTime, json } from '../present/kinds.ts'
import {
  agentShape,
  botSenderShape,
  presentAgent,
  presentBotSender,
  presentTeam,
  teamShape,
} from '../present/people.ts'
import {
  forMember,
  forMemberOrBot,
  type Given,
  type MemberOrBotRequest,
  type MemberRequest,
  type Route,
} from '../request/route.ts'
import { parsePriority, parseStatusChange, performerOf, statusFields } from './conversation-input.ts'
import { getConversation } from './get-conversation.ts'

interface Deps {
  readonly ledger: Pick<Ledger, 'conversations' | 'actions'>
  readonly publicUrl: string
}

const spec = { tag: 'Conversations' } as const
const path = '/conversations/:displayId'
const toggledShape = z.object({
  meta: z.object({}),
  payload: z.object({
    success: z.literal(true),
    conversation_id: id,
    current_status: z.enum(conversationStatuses),
    snoozed_until: isoTime.nullable(),
  }),
})
const assignmentFields = { assignee_id: anyField, team_id: anyField, assignee_type: filledText }
const assignedShape = z.union([agentShape, botSenderShape, teamShape]).nullable()
const attributesShape = z.object({ custom_attributes: json })

/** Actions that bots may do, too. */
export function botActionRoutes(deps: Deps): Route[] {
  const { actions } = deps.ledger
  const of = (request: Pick<MemberOrBotRequest, 'member' | 'params'>): Promise<ConversationRow> =>
    getConversation(deps.ledger.conversations, request)
  return [
    forMemberOrBot(
      `POST ${path}/toggle_status`,
      { ...spec, summary: 'Open, resolve or snooze a conversation', takes: statusFields, answer: toggledShape },
      async (request) => {
        const change = parseStatusChange(request)
        const conversation = await of(request)
        const now = found(await actions.changeStatus(conversation.id, change))
        return {
          meta: {},
          payload: {
            success: true as const,
            conversation_id: conversation.displayId,
            current_status: now.status,
            snoozed_until: now.snoozedUntil,
          },
        }
      },
    ),
    forMemberOrBot(
      `POST ${path}/toggle_priority`,
      { ...spec, summary: 'Set or remove the priority', takes: { priority: anyField } },
      async (request) => {
        const priority = parsePriority(request.given.priority)
        found(await actions.changePriority((await of(request)).id, { priority, by: performerOf(request.member) }))
        return undefined
      },
    ),
    forMemberOrBot(
      `POST ${path}/assignments`,
      {
        ...spec,
        summary: 'Assign to an agent, a bot or a team; null or 0 removes the assignment',
        takes: assignmentFields,
        answer: assignedShape,
      },
      (request) => assign(deps, request),
    ),
    forMemberOrBot(
      `POST ${path}/custom_attributes`,
      {
        ...spec,
        summary: 'Replace the custom attributes; with `merge`, keep the others',
        takes: { custom_attributes: object, merge: flag },
        answer: attributesShape,
      },
      async (request) => {
        const attributes = request.given.custom_attributes
        if (attributes === undefined) throw unprocessable('param is missing or the value is empty: custom_attributes')
        const changed = found(
          await actions.changeCustomAttributes((await of(request)).id, {
            attributes,
            merge: request.given.merge ?? false,
            by: performerOf(request.member),
          }),
        )
        return { custom_attributes: saved(changed) }
      },
    ),
    forMemberOrBot(
      `POST ${path}/destroy_custom_attributes`,
      {
        ...spec,
        summary: 'Remove custom attributes',
        takes: { custom_attributes: list },
        answer: attributesShape,
      },
      async (request) => ({
        custom_attributes: found(
          await actions.removeCustomAttributes((await of(request)).id, {
            keys: request.given.custom_attributes ?? [],
            by: performerOf(request.member),
          }),
        ),
      }),
    ),
  ]
}

/** Actions of agents. */
export function actionRoutes(deps: Deps): Route[] {
  const { actions } = deps.ledger
  const of = (request: MemberRequest): Promise<ConversationRow> => getConversation(deps.ledger.conversations, request)
  return [
    forMember(
      `POST ${path}/recipient`,
      {
        ...spec,
        summary: 'Set the address that gets the answers',
        takes: { email: filledText },
        answer: recipientShape,
      },
      (request) => setRecipient(deps, request),
    ),
    forMember(
      `POST ${path}/mute`,
      { ...spec, summary: 'Resolve the conversation and block its contact' },
      async (request) => {
        found(await actions.mute((await of(request)).id, performerOf(request.member)))
        return undefined
      },
    ),
    forMember(
      `POST ${path}/unmute`,
      { ...spec, summary: 'Unblock the contact of the conversation' },
      async (request) => {
        found(await actions.unmute((await of(request)).id, performerOf(request.member)))
        return undefined
      },
    ),
    forMember(
      `POST ${path}/transcript`,
      { ...spec, summary: 'Mail a transcript', takes: { email: filledText } },
      async (request) => {
        const { email } = request.given
        if (email === undefined) throw unprocessable('email param missing')
        if (!isEmailAddress(email)) throw unprocessable('Invalid email address')
        refuseReplyAddress(email)
        await actions.sendTranscript((await of(request)).id, email)
        return undefined
      },
    ),
    forMember(
      `POST ${path}/update_last_seen`,
      { ...spec, summary: 'Mark the conversation as seen', answer: conversationShape },
      async (request) => {
        await actions.markSeen((await of(request)).id, request.member.user.id)
        return present(deps, request)
      },
    ),
    forMember(
      `POST ${path}/unread`,
      { ...spec, summary: "Mark the contact's last message as unread", answer: conversationShape },
      async (request) => {
        await actions.markUnread((await of(request)).id, request.member.user.id)
        return present(deps, request)
      },
    ),
    forMember(
      `POST ${path}/toggle_typing_status`,
      { ...spec, summary: 'Set whether the user is typing', takes: { typing_status: filledText, is_private: flag } },
      async (request) => {
        const { typing_status: status, is_private: isPrivate } = request.given
        if (status !== 'on' && status !== 'off') throw unprocessable('typing_status must be on or off')
        await actions.noteTyping(await of(request), {
          on: status === 'on',
          isPrivate: isPrivate ?? false,
          by: performerOf(request.member),
        })
        return undefined
      },
    ),
  ]
}

async function present(deps: Deps, request: MemberRequest) {
  const conversation = await getConversation(deps.ledger.conversations, request)
  return presentConversation(await deps.ledger.conversations.readOverview(conversation), {
    viewerId: request.member.user.id,
    visibleInboxes: request.member.visibleInboxes,
    publicUrl: deps.publicUrl,
  })
}

async function assign(
  { ledger }: Deps,
  request: MemberOrBotRequest & { readonly given: Given<typeof assignmentFields> },
) {
  const { member, given } = request
  const conversation = await getConversation(ledger.conversations, request)
  const to = assignmentOf(given)
  if (to === null) return null
  found(await ledger.actions.assign(conversation.id, { to, by: performerOf(member) }))
  const now = await getAfter(ledger, request, conversation)
  if ('teamId' in to) return now.team === null ? null : presentTeam(now.team, member.user?.id ?? null)
  if ('botId' in to) return now.assigneeAgentBot === null ? null : presentBotSender(now.assigneeAgentBot)
  return now.assignee === null ? null : presentAgent(now.assignee)
}

// An agent who assigned a conversation away may no longer see it, but still receives the assignee in the answer.
async function getAfter(
  ledger: Deps['ledger'],
  { member }: Pick<MemberOrBotRequest, 'member'>,
  { displayId }: ConversationRow,
): Promise<ConversationRow> {
  return found(await ledger.conversations.findConversation(member.account.id, displayId))
}

// With both, the team is passed over, as in Chatwoot.
function assignmentOf(given: Given<typeof assignmentFields>): Assignment | null {
  const { assignee_id: assignee, team_id: team, assignee_type: type } = given
  if (assignee !== undefined) {
    const agentId = named(assignee)
    return type === 'AgentBot' && agentId !== null ? { botId: agentId } : { agentId }
  }
  return team === undefined ? null : { teamId: named(team) }
}

// Null, blank and 0 unassign; a value that is not an id is an unknown person.
function named(value: unknown): number | null {
  if (value === null || value === '' || value === 0 || value === '0') return null
  const number = idOf(value)
  return number === 0 ? -1 : number
}

function refuseReplyAddress(email: string): void {
  if (isTokenAddress(email)) throw unprocessable('A reply address cannot be a recipient: the mail would come back')
}

async function setRecipient(
  { ledger }: Deps,
  request: MemberRequest & { readonly given: { readonly email?: string | undefined } },
) {
  const email = request.given.email?.trim().toLowerCase() ?? ''
  if (!isEmailAddress(email)) throw unprocessable('Invalid email address')
  refuseReplyAddress(email)
  const conversation = await getConversation(ledger.conversations, request)
  found(await ledger.actions.setRecipient(conversation.id, { email, by: performerOf(request.member) }))
  return found((await getConversation(ledger.conversations, request)).recipient)
}
