// …/inbox_members: the agents of an inbox. Administrators change it; 404 for an unknown inbox, 422 for people who are
// not agents.

import type { Ledger } from '../../ledger.ts'
import { seesInbox } from '../conversations/get-conversation.ts'
import { found, notAllowed, saved } from '../input/fault.ts'
import { idOf, recordId, recordIds } from '../input/fields.ts'
import { payloadOf } from '../present/kinds.ts'
import { agentShape, presentAgent } from '../present/people.ts'
import { forAdministrator, forMember, type Given, type MemberRequest, type Route } from '../request/route.ts'

const takes = { inbox_id: recordId, user_ids: recordIds }
const spec = { tag: 'Inbox members' } as const
const change = { ...spec, takes, answer: payloadOf(agentShape) } as const
type Asked = MemberRequest & { readonly given: Given<typeof takes> }

export function inboxMemberRoutes({ inboxes }: Pick<Ledger, 'inboxes'>): Route[] {
  const { members } = inboxes
  const find = async (member: MemberRequest['member'], id: number | undefined) =>
    found(await inboxes.findInbox(member.account.id, id ?? 0))
  const action = (how: 'addMembers' | 'replaceMembers') => async (request: Asked) => {
    const { inbox_id: inboxId, user_ids: userIds = [] } = request.given
    const inbox = await find(request.member, inboxId)
    if (!(await members.areAgents(inbox, userIds))) saved({ problems: [{ attribute: 'user', message: 'must exist' }] })
    await members[how](inbox, userIds)
    return { payload: (await members.listMembers(inbox)).map(presentAgent) }
  }
  return [
    forMember(
      'GET /inbox_members/:inboxId',
      { ...spec, summary: 'List the members of an inbox', answer: change.answer },
      async ({ member, params }) => {
        const inbox = await find(member, idOf(params['inboxId']))
        if (!seesInbox(member, inbox.id)) throw notAllowed()
        return { payload: (await members.listMembers(inbox)).map(presentAgent) }
      },
    ),
    forAdministrator('POST /inbox_members', { ...change, summary: 'Add members' }, action('addMembers')),
    forAdministrator('UPDATE /inbox_members', { ...change, summary: 'Replace the members' }, action('replaceMembers')),
    forAdministrator(
      'DELETE /inbox_members',
      { ...spec, takes, summary: 'Remove members' },
      async ({ member, given }) => {
        await members.removeMembers(await find(member, given.inbox_id), given.user_ids ?? [])
        return undefined
      },
    ),
    // seen: @figuro/chatwoot-sdk 1.1.17 names the inbox in the path.
    forAdministrator(
      'DELETE /inbox_members/:inboxId',
      { ...spec, takes: { user_ids: recordIds }, summary: 'Remove members' },
      async ({ member, params, given }) => {
        await members.removeMembers(await find(member, idOf(params['inboxId'])), given.user_ids ?? [])
        return undefined
      },
    ),
  ]
}
