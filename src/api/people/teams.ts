// …/teams and …/teams/:id/team_members: every member reads, administrators write. Members from outside the account: 401
// "Invalid User IDs".

import type { TeamFields } from '../../conversations/account/teams.ts'
import type { Ledger } from '../../ledger.ts'
import { found, invalidUserIds, saved } from '../input/fault.ts'
import { flag, idOf, recordIds, text } from '../input/fields.ts'
import { listOf } from '../present/kinds.ts'
import { agentShape, presentAgent, presentTeam, teamShape } from '../present/people.ts'
import { forAdministrator, forMember, type Given, type MemberRequest, type Route } from '../request/route.ts'

const teamFields = { name: text, description: text, allow_auto_assign: flag }
const spec = { tag: 'Teams' } as const
const write = { ...spec, takes: teamFields, under: 'team', answer: teamShape } as const
const change = { ...spec, takes: { user_ids: recordIds }, answer: listOf(agentShape) } as const

export function teamRoutes({ teams }: Pick<Ledger, 'teams'>): Route[] {
  const find = async ({ member, params }: MemberRequest) =>
    found(await teams.findTeam(member.account.id, idOf(params['id'])))
  return [
    forMember('GET /teams', { ...spec, summary: 'List teams', answer: listOf(teamShape) }, async ({ member }) =>
      (await teams.listTeams(member.account.id)).map((team) => presentTeam(team, member.user.id)),
    ),
    forMember('GET /teams/:id', { ...spec, summary: 'Get a team', answer: teamShape }, async (request) =>
      presentTeam(await find(request), request.member.user.id),
    ),
    forAdministrator('POST /teams', { ...write, summary: 'Create a team' }, async ({ member, given }) =>
      presentTeam(saved(await teams.createTeam(member.account.id, fieldsOf(given))), member.user.id),
    ),
    forAdministrator('UPDATE /teams/:id', { ...write, summary: 'Update a team' }, async (request) =>
      presentTeam(saved(await teams.updateTeam(await find(request), fieldsOf(request.given))), request.member.user.id),
    ),
    forAdministrator(
      'DELETE /teams/:id',
      { ...spec, summary: 'Delete a team; its conversations stay' },
      async (request) => {
        await teams.deleteTeam(await find(request))
        return undefined
      },
    ),
    ...memberRoutes(teams),
  ]
}

function memberRoutes(teams: Ledger['teams']): Route[] {
  const path = '/teams/:id/team_members'
  const { members } = teams
  const find = async ({ member, params }: MemberRequest) =>
    found(await teams.findTeam(member.account.id, idOf(params['id'])))
  const action =
    (how: 'addMembers' | 'replaceMembers') =>
    async (request: MemberRequest & { readonly given: Given<typeof change.takes> }) => {
      const team = await find(request)
      const { user_ids: userIds = [] } = request.given
      if (!(await members.areAgents(team, userIds))) throw invalidUserIds()
      await members[how](team, userIds)
      return (await members.listMembers(team)).map(presentAgent)
    }
  return [
    forMember(
      `GET ${path}`,
      { ...spec, summary: 'List the members of a team', answer: listOf(agentShape) },
      async (request) => (await members.listMembers(await find(request))).map(presentAgent),
    ),
    forAdministrator(`POST ${path}`, { ...change, summary: 'Add members' }, action('addMembers')),
    forAdministrator(`UPDATE ${path}`, { ...change, summary: 'Replace the members' }, action('replaceMembers')),
    forAdministrator(`DELETE ${path}`, { ...spec, summary: 'Remove members', takes: change.takes }, async (request) => {
      await members.removeMembers(await find(request), request.given.user_ids ?? [])
      return undefined
    }),
  ]
}

function fieldsOf({ name, description, allow_auto_assign: allowAutoAssign }: Given<typeof teamFields>): TeamFields {
  return { name, description, allowAutoAssign }
}
