// …/notification_settings: the caller's notices by mail, and …/inboxes/:id/notification_settings: notices of new
// conversations of one inbox. Administrators may set the second for another member.

import { z } from 'zod'

import {
  emailFlags,
  type Flags,
  type InboxLevel,
  inboxLevels,
  type InboxMember,
  type InboxSettings,
  mutableFlags,
  pushFlags,
} from '../../conversations/notices/settings.ts'
import type { Ledger } from '../../ledger.ts'
import { seesInbox } from '../conversations/get-conversation.ts'
import { found, notAllowed, unprocessable } from '../input/fault.ts'
import { anyField, idOf, list, recordId } from '../input/fields.ts'
import { id, listOf, text } from '../present/kinds.ts'
import { forMember, type MemberRequest, type Route } from '../request/route.ts'

const spec = { tag: 'Notifications' } as const
const flagsShape = z.object({
  id,
  user_id: id,
  account_id: id,
  all_email_flags: listOf(text),
  selected_email_flags: listOf(text),
  all_push_flags: listOf(text),
  selected_push_flags: listOf(text),
})
const inboxShape = z.object({
  inbox_id: id,
  user_id: id,
  new_conversations: z.enum(inboxLevels).nullable(),
  muted_email_flags: listOf(text),
})
const flagFields = { selected_email_flags: list, selected_push_flags: list }
const inboxPath = '/inboxes/:inboxId/notification_settings'

type Deps = Pick<Ledger, 'notificationSettings' | 'inboxes'>

export function notificationSettingRoutes(deps: Deps): Route[] {
  const { notificationSettings: settings } = deps
  return [
    forMember(
      'GET /notification_settings',
      { ...spec, summary: 'Get the notification settings of the user', answer: flagsShape },
      async (request) => presentFlags(request, await settings.read(memberOf(request))),
    ),
    forMember(
      'UPDATE /notification_settings',
      {
        ...spec,
        summary: 'Update the notification settings of the user',
        takes: flagFields,
        under: 'notification_settings',
        answer: flagsShape,
      },
      async (request) => {
        const given = {
          email: knownFlags(request.given.selected_email_flags, emailFlags, 'selected_email_flags'),
          push: knownFlags(request.given.selected_push_flags, pushFlags, 'selected_push_flags'),
        }
        return presentFlags(request, await settings.change(memberOf(request), given))
      },
    ),
    forMember(
      `GET ${inboxPath}`,
      {
        ...spec,
        summary: 'Get the notification setting of a member for an inbox; null = as the notification settings say',
        takes: { user_id: recordId },
        answer: inboxShape,
      },
      async (request) => {
        const inboxMember = await getInboxMember(deps, request)
        return presentInbox(inboxMember, await settings.readInbox(inboxMember))
      },
    ),
    forMember(
      `UPDATE ${inboxPath}`,
      {
        ...spec,
        summary: 'Set the notification setting of a member for an inbox',
        takes: { user_id: recordId, new_conversations: anyField, muted_email_flags: list },
        answer: inboxShape,
      },
      async (request) => {
        const inboxMember = await getInboxMember(deps, request)
        const { new_conversations: level, muted_email_flags: muted } = request.given
        const changed = await settings.changeInbox(inboxMember, {
          ...(level === undefined ? {} : { level: parseLevel(level) }),
          ...(muted === undefined ? {} : { muted: knownFlags(muted, mutableFlags, 'muted_email_flags') ?? [] }),
        })
        return presentInbox(inboxMember, changed)
      },
    ),
  ]
}

// Another member's is for administrators, and must be a member of the account.
async function getInboxMember(
  { inboxes }: Deps,
  request: MemberRequest & { readonly given: { readonly user_id?: number | undefined } },
): Promise<InboxMember> {
  const { member, params, given } = request
  const inbox = found(await inboxes.findInbox(member.account.id, idOf(params['inboxId'])))
  if (!seesInbox(member, inbox.id)) throw notAllowed()
  const userId = given.user_id ?? member.user.id
  if (userId === member.user.id) return { inboxId: inbox.id, userId }
  if (member.role !== 'administrator') throw notAllowed()
  found((await inboxes.members.areAgents(inbox, [userId])) ? userId : null)
  return { inboxId: inbox.id, userId }
}

function parseLevel(given: unknown): InboxLevel | null {
  if (given === null || given === '') return null
  const level = inboxLevels.find((one) => one === given)
  if (level === undefined) throw unprocessable(`new_conversations must be one of ${inboxLevels.join(', ')}, or null`)
  return level
}

function knownFlags(
  given: readonly string[] | undefined,
  known: readonly string[],
  name: string,
): readonly string[] | undefined {
  const unknown = given?.find((flag) => !known.includes(flag))
  if (unknown !== undefined)
    throw unprocessable(`'${unknown.slice(0, 100)}' is not one of ${name}: ${known.join(', ')}`)
  return given === undefined ? undefined : known.filter((flag) => given.includes(flag))
}

function memberOf({ member }: MemberRequest) {
  return { accountId: member.account.id, userId: member.user.id }
}

function presentFlags({ member }: MemberRequest, { email, push }: Flags): z.output<typeof flagsShape> {
  return {
    id: member.user.id,
    user_id: member.user.id,
    account_id: member.account.id,
    all_email_flags: [...emailFlags],
    selected_email_flags: [...email],
    all_push_flags: [...pushFlags],
    selected_push_flags: [...push],
  }
}

function presentInbox({ inboxId, userId }: InboxMember, { level, muted }: InboxSettings): z.output<typeof inboxShape> {
  return { inbox_id: inboxId, user_id: userId, new_conversations: level, muted_email_flags: [...muted] }
}
