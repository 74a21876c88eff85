// …/agents and …/teams answer bare arrays, …/labels a payload (chatwoot.md §4.2). Reading only.

import { z } from 'zod'

import type { Ledger } from '../../conversations/ledger.ts'
import type { LabelRow } from '../../conversations/rows.ts'
import { id, listOf, maybeText, named, payloadOf, text } from '../present/kinds.ts'
import { agentShape, presentAgent, presentTeam, teamShape } from '../present/people.ts'
import { found } from '../request/fault.ts'
import { idOf } from '../request/fields.ts'
import { forMember, type Route } from '../request/route.ts'

const labelShape = named('Label', z.object({ id, title: text, description: maybeText, color: text, show_on_sidebar: z.boolean() }))

export function peopleRoutes(ledger: Pick<Ledger, 'users' | 'teams' | 'labels'>): Route[] {
  return [
    forMember('GET /agents', { tag: 'Agents', summary: 'The people of the account', answer: listOf(agentShape) }, async ({ member }) => (await ledger.users.listAgents(member.account.id)).map(presentAgent)),
    forMember('GET /teams', { tag: 'Teams', summary: 'The teams', answer: listOf(teamShape) }, async ({ member }) => (await ledger.teams.listTeams(member.account.id)).map((team) => presentTeam(team, member.user.id))),
    forMember('GET /teams/:id', { tag: 'Teams', summary: 'One team', answer: teamShape }, async ({ member, params }) =>
      presentTeam(found(await ledger.teams.findTeam(member.account.id, idOf(params['id']))), member.user.id),
    ),
    forMember('GET /labels', { tag: 'Labels', summary: 'The labels', answer: payloadOf(labelShape) }, async ({ member }) => ({ payload: (await ledger.labels.listLabels(member.account.id)).map(presentLabel) })),
    forMember('GET /labels/:id', { tag: 'Labels', summary: 'One label', answer: labelShape }, async ({ member, params }) => presentLabel(found(await ledger.labels.findLabel(member.account.id, idOf(params['id']))))),
  ]
}

function presentLabel(label: LabelRow): z.output<typeof labelShape> {
  return { id: label.id, title: label.title, description: label.description, color: label.color, show_on_sidebar: label.showOnSidebar }
}
