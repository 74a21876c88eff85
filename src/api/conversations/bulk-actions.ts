// POST …/bulk_actions, as Chatwoot has it: the same action on several conversations. Each action is separate; the
// answer lists the refused ones beside the done ones.

import { z } from 'zod'

import type { Assignment } from '../../conversations/actions/assign.ts'
import { cleanLabels } from '../../conversations/actions/describe.ts'
import { MailError } from '../../errors.ts'
import type { Ledger } from '../../ledger.ts'
import { ApiFault, unprocessable } from '../input/fault.ts'
import { filledText, idOf, list, object, recordIds } from '../input/fields.ts'
import { isParameters, type Parameters } from '../input/parameters.ts'
import { id, listOf, text } from '../present/kinds.ts'
import { forMember, type Given, type MemberRequest, type Route } from '../request/route.ts'
import { parsePriority, parseStatusChange, performerOf } from './conversation-input.ts'
import { getConversation } from './get-conversation.ts'

interface Deps {
  readonly ledger: Pick<Ledger, 'conversations' | 'actions'>
}

/** As many as a client selects on a few pages. */
const maxConversations = 100
const maxLabels = 100
const takes = { type: filledText, ids: recordIds, fields: object, labels: object, snoozed_until: filledText }
const answer = z.object({
  updated: listOf(id),
  failed: listOf(z.object({ id, error: text })),
})

type Action = (conversationId: number) => Promise<unknown>

export function bulkActionRoutes(deps: Deps): Route[] {
  return [
    forMember(
      'POST /bulk_actions',
      {
        tag: 'Conversations',
        summary: 'Change the status, assignee, team, priority or labels of up to 100 conversations',
        takes,
        answer,
      },
      (request) => actOnAll(deps, request),
    ),
  ]
}

async function actOnAll(
  deps: Deps,
  request: MemberRequest & { readonly given: Given<typeof takes> },
): Promise<z.output<typeof answer>> {
  if (request.given.type !== 'Conversation') throw unprocessable('type must be Conversation')
  const ids = [...new Set(request.given.ids ?? [])]
  if (ids.length === 0) throw unprocessable('ids must name conversations')
  if (ids.length > maxConversations)
    throw unprocessable(`At most ${String(maxConversations)} conversations are changed at once`)
  const actions = actionsOf(deps, request)
  if (actions.length === 0) throw unprocessable('Nothing to do: name fields or labels')
  const updated: number[] = []
  const failed: { id: number; error: string }[] = []
  for (const displayId of ids) {
    const error = await refusalOf(async () => {
      const params = { ...request.params, displayId: String(displayId) }
      const conversation = await getConversation(deps.ledger.conversations, { ...request, params })
      for (const action of actions) if ((await action(conversation.id)) === null) throw notThere()
    })
    if (error === null) updated.push(displayId)
    else failed.push({ id: displayId, error })
  }
  return { updated, failed }
}

function actionsOf(
  { ledger: { actions } }: Deps,
  request: MemberRequest & { readonly given: Given<typeof takes> },
): Action[] {
  const { fields = {}, labels = {}, snoozed_until: snoozedUntil } = request.given
  const by = performerOf(request.member)
  const found: Action[] = []
  const status = textIn(fields, 'status')
  if (status !== undefined) {
    const change = parseStatusChange({ ...request, given: { status, snoozed_until: snoozedUntil } })
    found.push((conversation) => actions.changeStatus(conversation, change))
  }
  for (const to of assignmentsIn(fields)) found.push((conversation) => actions.assign(conversation, { to, by }))
  if ('priority' in fields) {
    const priority = parsePriority(fields['priority'])
    found.push((conversation) => actions.changePriority(conversation, { priority, by }))
  }
  for (const [name, isThere] of [
    ['add', true],
    ['remove', false],
  ] as const)
    for (const label of labelsIn(labels, name))
      found.push(async (conversation) => {
        const changed = await actions.changeLabel(conversation, { label, isThere, by })
        if (changed !== null && 'problems' in changed)
          throw unprocessable(`Labels ${changed.problems[0]?.message ?? ''}`)
        return changed
      })
  return found
}

function assignmentsIn(fields: Parameters): Assignment[] {
  const named = (name: string): number | null => {
    const value = fields[name]
    if (value === null || value === '' || value === 0 || value === '0') return null
    return idOf(value) === 0 ? -1 : idOf(value)
  }
  return [
    ...('team_id' in fields ? [{ teamId: named('team_id') }] : []),
    ...('assignee_id' in fields ? [{ agentId: named('assignee_id') }] : []),
  ]
}

function textIn(fields: Parameters, name: string): string | undefined {
  const value = fields[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw unprocessable(`${name} must be text`)
  return value
}

function labelsIn(labels: Parameters, name: string): string[] {
  const value = labels[name]
  if (isParameters(value)) throw unprocessable(`labels.${name} must be a list of labels`)
  const read = list.safeParse(value)
  if (!read.success) throw unprocessable(`labels.${name} must be a list of labels`)
  if ((read.data ?? []).length > maxLabels) throw unprocessable(`labels.${name} names more than ${String(maxLabels)}`)
  return cleanLabels(read.data ?? [])
}

const notThere = (): ApiFault => new ApiFault('not-found', { error: 'Resource could not be found' })

// The answer is the same for a hidden conversation and a missing one.
async function refusalOf(action: () => Promise<void>): Promise<string | null> {
  try {
    await action()
    return null
  } catch (error) {
    if (!(error instanceof MailError)) throw error
    if (error.kind === 'unauthenticated' || error.kind === 'not-found') return 'Resource could not be found'
    if (error instanceof ApiFault) return typeof error.body['error'] === 'string' ? error.body['error'] : error.message
    return error.publicMessage
  }
}
