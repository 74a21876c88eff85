// …/conversations: list, meta, filter, create, show, change, delete. Ids are display ids; 25 a page.

import { z } from 'zod'

import type { CountedPage } from '../../conversations/list/conversations.ts'
import { decodeCursor, encodeCursor } from '../../conversations/list/cursor.ts'
import type { ConversationCounts, ConversationPage } from '../../conversations/list/page-of-ids.ts'
import type { ConversationOverview, ConversationRow } from '../../conversations/records/rows.ts'
import type { Ledger } from '../../ledger.ts'
import { found, notAllowed, notFound, saved, unprocessable } from '../input/fault.ts'
import { anyField, filledText, flag, recordId } from '../input/fields.ts'
import { pageOf } from '../input/paging.ts'
import { conversationShape, presentConversation } from '../present/conversation.ts'
import { listOf } from '../present/kinds.ts'
import {
  forAdministrator,
  forMember,
  forMemberOrBot,
  type Given,
  type MemberOrBotRequest,
  type MemberRequest,
  type Route,
} from '../request/route.ts'
import {
  filterFields,
  newConversationFields,
  parseFilter,
  parseNewConversation,
  parsePriority,
  performerOf,
} from './conversation-input.ts'
import { getConversation } from './get-conversation.ts'

interface Deps {
  readonly ledger: Pick<Ledger, 'conversations' | 'actions'>
  readonly publicUrl: string
}

const pageSize = 25
const spec = { tag: 'Conversations' } as const
/** As `cursor`: from the first page on. */
const firstCursor = 'start'
const pageFields = { sort_by: filledText, page: recordId, cursor: filledText }
const listFields = { ...filterFields, ...pageFields }
const conditionFields = { payload: anyField, ...pageFields }
const countsShape = z.object({
  mine_count: z.int(),
  assigned_count: z.int(),
  unassigned_count: z.int(),
  all_count: z.int(),
})
const tabCounts = {
  mentions_count: z.int().optional(),
  participating_count: z.int().optional(),
  unattended_count: z.int().optional(),
}
const pageShape = z.object({
  meta: countsShape.extend({ next_cursor: z.string().nullable().optional() }),
  payload: listOf(conversationShape),
})

export function conversationRoutes(deps: Deps): Route[] {
  const { conversations, actions } = deps.ledger
  const path = '/conversations/:displayId'
  return [
    forMember(
      'GET /conversations',
      {
        ...spec,
        summary: 'List conversations, 25 a page, with counts',
        takes: listFields,
        answer: z.object({ data: pageShape }),
      },
      async (request) => ({
        data: await list(deps, request),
      }),
    ),
    forMember(
      'GET /conversations/meta',
      {
        ...spec,
        summary: 'Count conversations',
        takes: { ...filterFields, tabs: flag },
        answer: z.object({ meta: countsShape.extend(tabCounts) }),
      },
      async (request) => ({
        meta: {
          ...presentCounts(await conversations.countConversations(parseFilter(request))),
          ...(request.given.tabs === true ? await countTabs(deps, request) : {}),
        },
      }),
    ),
    forMember(
      'GET /conversations/search',
      {
        ...spec,
        summary: 'Search conversations by words in their messages, in every status',
        takes: listFields,
        answer: pageShape,
      },
      (request) => list(deps, request),
    ),
    forMember(
      'POST /conversations/filter',
      { ...spec, summary: 'Filter conversations, 25 a page', takes: conditionFields, answer: pageShape },
      (request) => filter(deps, request),
    ),
    forMemberOrBot(
      'POST /conversations',
      {
        ...spec,
        summary: 'Create a conversation',
        takes: newConversationFields,
        under: 'conversation',
        files: true,
        answer: conversationShape,
      },
      (request) => create(deps, request),
    ),
    forMember(`GET ${path}`, { ...spec, summary: 'Get a conversation', answer: conversationShape }, async (request) =>
      present(deps, request, await getConversation(conversations, request)),
    ),
    forMemberOrBot(
      `UPDATE ${path}`,
      {
        ...spec,
        summary: 'Update the priority',
        takes: { priority: anyField },
        under: 'conversation',
        answer: conversationShape,
      },
      async (request) => {
        const conversation = await getConversation(conversations, request)
        const { priority } = request.given
        if (priority !== undefined)
          found(
            await actions.changePriority(conversation.id, {
              priority: parsePriority(priority),
              by: performerOf(request.member),
            }),
          )
        return present(deps, request, await getConversation(conversations, request))
      },
    ),
    forAdministrator(
      `DELETE ${path}`,
      { ...spec, summary: 'Delete a conversation with its messages' },
      async (request) => {
        const conversation = await getConversation(conversations, request)
        await actions.deleteConversation(conversation.id)
        return undefined
      },
    ),
  ]
}

async function list(deps: Deps, request: MemberRequest & { readonly given: Given<typeof listFields> }) {
  const page = await deps.ledger.conversations.listConversations(parseFilter(request), askedPageOf(request))
  return presentPage(deps, request, page)
}

async function filter(deps: Deps, request: MemberRequest & { readonly given: Given<typeof conditionFields> }) {
  const { member, given } = request
  const matching = {
    accountId: member.account.id,
    viewerId: member.user.id,
    visibleInboxes: member.visibleInboxes,
    payload: given.payload,
  }
  const page = await deps.ledger.conversations.filterConversations(matching, askedPageOf(request))
  if ('error' in page) throw unprocessable(page.error)
  return presentPage(deps, request, page)
}

type PageRequest = MemberRequest & { readonly given: Given<typeof pageFields> }

function askedPageOf({ fields, given }: PageRequest): ConversationPage {
  const begins = given.cursor === undefined || given.cursor === firstCursor
  const cursor = begins ? null : decodeCursor(given.cursor ?? '')
  if (!begins && cursor === null) throw unprocessable('cursor is not valid. Begin again with cursor=start.')
  return { ...pageOf(fields, pageSize), sort: given.sort_by ?? null, cursor }
}

function presentPage(deps: Deps, request: PageRequest, { counts, conversations, next }: CountedPage) {
  const nextCursor =
    request.given.cursor === undefined ? {} : { next_cursor: next === null ? null : encodeCursor(next) }
  return {
    meta: { ...presentCounts(counts), ...nextCursor },
    payload: presentAll(deps, request, conversations),
  }
}

async function create(
  deps: Deps,
  request: MemberOrBotRequest & { readonly given: Given<typeof newConversationFields> },
) {
  const { conversations } = deps.ledger
  const created = await conversations.createConversation(
    parseNewConversation(request),
    request.guard === null ? [] : [request.guard],
  )
  if (created === 'not-found') throw notFound()
  if (created === 'not-visible') throw notAllowed()
  return present(
    deps,
    request,
    found(await conversations.findConversation(request.member.account.id, saved(created).displayId)),
  )
}

async function present(deps: Deps, request: Pick<MemberOrBotRequest, 'member'>, conversation: ConversationRow) {
  return presentConversation(await deps.ledger.conversations.readOverview(conversation), viewOf(deps, request))
}

function presentAll(deps: Deps, request: MemberRequest, rows: readonly ConversationOverview[]) {
  return rows.map((row) => presentConversation(row, viewOf(deps, request)))
}

function viewOf({ publicUrl }: Deps, { member }: Pick<MemberOrBotRequest, 'member'>) {
  return { viewerId: member.user?.id ?? null, visibleInboxes: member.visibleInboxes, publicUrl }
}

// Exact, as the others are.
async function countTabs(
  { ledger: { conversations } }: Deps,
  request: MemberRequest & { readonly given: Given<typeof filterFields> },
) {
  const filter = parseFilter(request)
  const [mentions, participating, unattended] = await Promise.all(
    (['mention', 'participating', 'unattended'] as const).map((conversationType) =>
      conversations.countConversations({ ...filter, conversationType }),
    ),
  )
  return {
    mentions_count: mentions?.all ?? 0,
    participating_count: participating?.all ?? 0,
    unattended_count: unattended?.all ?? 0,
  }
}

function presentCounts(counts: ConversationCounts) {
  return {
    mine_count: counts.mine,
    assigned_count: counts.assigned,
    unassigned_count: counts.unassigned,
    all_count: counts.all,
  }
}
