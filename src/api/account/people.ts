// …/agents and …/teams answer bare arrays, …/labels a payload (chatwoot.md §4.2). Reading only.

import type { Ledger } from '../../conversations/ledger.ts'
import type { LabelRow } from '../../conversations/rows.ts'
import { presentAgent, presentTeam } from '../present/people.ts'
import { found } from '../request/fault.ts'
import { idOf } from '../request/fields.ts'
import { forMember, type Route } from '../request/route.ts'

export function peopleRoutes(ledger: Pick<Ledger, 'users' | 'teams' | 'labels'>): Route[] {
  return [
    forMember('GET /agents', async ({ member }) => (await ledger.users.listAgents(member.account.id)).map(presentAgent)),
    forMember('GET /teams', async ({ member }) => (await ledger.teams.listTeams(member.account.id)).map((team) => presentTeam(team, member.user.id))),
    forMember('GET /teams/:id', async ({ member, params }) => presentTeam(found(await ledger.teams.findTeam(member.account.id, idOf(params['id']))), member.user.id)),
    forMember('GET /labels', async ({ member }) => ({ payload: (await ledger.labels.listLabels(member.account.id)).map(presentLabel) })),
    forMember('GET /labels/:id', async ({ member, params }) => presentLabel(found(await ledger.labels.findLabel(member.account.id, idOf(params['id']))))),
  ]
}

function presentLabel(label: LabelRow) {
  return { id: label.id, title: label.title, description: label.description, color: label.color, show_on_sidebar: label.showOnSidebar }
}
