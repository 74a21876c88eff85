// …/agents: every member lists them, administrators add and remove them. 422 if the last administrator would go.

import type { Admission, AgentFields } from '../../conversations/agents/agents.ts'
import type { Ledger } from '../../ledger.ts'
import type { Member } from '../access/auth.ts'
import { found, saved, unprocessable } from '../input/fault.ts'
import { choice, filledText, flag, idOf, list, text } from '../input/fields.ts'
import { listOf } from '../present/kinds.ts'
import { agentShape, presentAgent } from '../present/people.ts'
import { forAdministrator, forMember, type Given, type MemberRequest, type Route } from '../request/route.ts'

// Chatwoot's documentation says available, its answers online.
const availability = choice(['online', 'available', 'busy', 'offline'])
const agentFields = {
  name: text,
  role: choice(['agent', 'administrator']),
  availability,
  availability_status: availability,
  auto_offline: flag,
}
const spec = { tag: 'Agents' } as const
const write = { ...spec, under: 'agent', answer: agentShape } as const

export function agentRoutes({ users, agents }: Pick<Ledger, 'users' | 'agents'>): Route[] {
  const find = async ({ member, params }: MemberRequest) =>
    found(await agents.findAgent(member.account.id, idOf(params['id'])))
  return [
    forMember(
      'GET /agents',
      { ...spec, summary: 'List the agents of the account', answer: listOf(agentShape) },
      async ({ member }) => (await users.listAgents(member.account.id)).map(presentAgent),
    ),
    forAdministrator(
      'POST /agents',
      {
        ...write,
        summary: 'Invite an agent by email; they are listed at once and can act when they have accepted',
        takes: { ...agentFields, email: filledText },
      },
      async ({ member, given }) =>
        presentAgent(
          saved(
            await agents.addAgent(
              member.account.id,
              { ...fieldsOf(given), email: given.email ?? '' },
              admissionBy(member),
            ),
          ),
        ),
    ),
    forAdministrator(
      'POST /agents/bulk_create',
      { ...spec, summary: 'Invite several agents by email', takes: { emails: list } },
      async ({ member, given }) => {
        if (given.emails === undefined) throw unprocessable('param is missing or the value is empty: emails')
        if (given.emails.length > 500) throw unprocessable('emails are too many (maximum is 500)')
        saved(await agents.addAgents(member.account.id, given.emails, admissionBy(member)))
        return undefined
      },
    ),
    forAdministrator(
      'POST /agents/:id/invitation',
      { ...spec, summary: 'Send an invitation again', answer: agentShape },
      async (request) => presentAgent(saved(await agents.inviteAgain(await find(request)))),
    ),
    forAdministrator(
      'UPDATE /agents/:id',
      { ...write, summary: 'Update the name, role or availability of an agent', takes: agentFields },
      async (request) => presentAgent(saved(await agents.updateAgent(await find(request), fieldsOf(request.given)))),
    ),
    forAdministrator(
      'DELETE /agents/:id',
      { ...spec, summary: 'Remove an agent from the account; their messages stay' },
      async (request) => {
        saved(await agents.removeAgent(await find(request)))
        return undefined
      },
    ),
  ]
}

// A program of an administrator of the installation adds people whose addresses it knows. From the application, people
// are invited: the mailed link is how they sign in.
function admissionBy({ user, session }: Member): Admission {
  return user.installationAdministrator && session === null ? 'confirmed' : 'invited'
}

function fieldsOf(given: Given<typeof agentFields>): AgentFields {
  const stands = given.availability ?? given.availability_status
  return {
    name: given.name,
    role: given.role,
    availability: stands === 'available' ? 'online' : stands,
    autoOffline: given.auto_offline,
  }
}
