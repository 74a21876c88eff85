// /installation/users and account memberships, for administrators of the installation: the counterpart of Chatwoot's
// platform API. A person's token is in the answer that creates it, nowhere else.

import { z } from 'zod'

import type { UserRow } from '../../conversations/people/access-tokens.ts'
import type { UserFields } from '../../conversations/people/installation.ts'
import type { Ledger } from '../../ledger.ts'
import { found, saved, unprocessable } from '../input/fault.ts'
import { choice, filledText, flag, idOf, recordId, text as textField } from '../input/fields.ts'
import { id, listOf, maybeText, named, text } from '../present/kinds.ts'
import { agentShape, presentAgent } from '../present/people.ts'
import { forInstallation, type Given, type Request, type Route } from '../request/route.ts'

const spec = { tag: 'Installation' } as const
const users = '/installation/users'
const members = '/installation/accounts/:id/account_users'
const userFields = { name: textField, display_name: textField, email: filledText, installation_administrator: flag }
const userShape = named(
  'User',
  z.object({ id, name: text, display_name: maybeText, email: text, type: maybeText, access_token: text.optional() }),
)

type Deps = Pick<Ledger, 'installation' | 'agents' | 'users' | 'accessTokens'>

export function installationUserRoutes(deps: Deps): Route[] {
  const { installation, accessTokens } = deps
  const find = async ({ params }: Request) => found(await installation.findUser(idOf(params['id'])))
  return [
    forInstallation(`GET ${users}`, { ...spec, summary: 'List all users', answer: listOf(userShape) }, async () =>
      (await installation.listUsers()).map((user) => present(user)),
    ),
    forInstallation(`GET ${users}/:id`, { ...spec, summary: 'Get a user', answer: userShape }, async (request) =>
      present(await find(request)),
    ),
    forInstallation(
      `POST ${users}`,
      {
        ...spec,
        summary: 'Create a user with an access token, which is shown once',
        takes: userFields,
        under: 'user',
        answer: userShape,
      },
      async ({ given }) => {
        const user = saved(await installation.createUser(fieldsOf(given)))
        return present(user, (await accessTokens.createToken({ userId: user.id }, null)).token)
      },
    ),
    forInstallation(
      `UPDATE ${users}/:id`,
      { ...spec, summary: 'Update a user', takes: userFields, under: 'user', answer: userShape },
      async (request) => present(saved(await installation.updateUser(await find(request), fieldsOf(request.given)))),
    ),
    forInstallation(
      `DELETE ${users}/:id`,
      { ...spec, summary: 'Delete a user; their messages stay' },
      async (request) => {
        saved(await installation.deleteUser(await find(request)))
        return undefined
      },
    ),
    forInstallation(
      `POST ${users}/:id/reset_access_token`,
      { ...spec, summary: "Revoke a user's access tokens; the new one is shown once", answer: userShape },
      async (request) => {
        const user = await find(request)
        return present(user, await accessTokens.resetTokens({ userId: user.id }))
      },
    ),
    ...memberRoutes(deps),
  ]
}

function memberRoutes({ installation, agents, users: people, accessTokens }: Deps): Route[] {
  const find = async ({ params }: Request) => found(await installation.findAccount(idOf(params['id'])))
  const takes = { user_id: recordId, email: filledText, name: textField, role: choice(['agent', 'administrator']) }
  const answer = z.object({ ...agentShape.shape, access_token: text.optional() })
  return [
    forInstallation(
      `GET ${members}`,
      { ...spec, summary: 'List the users of an account', answer: listOf(agentShape) },
      async (request) => (await people.listAgents((await find(request)).id)).map(presentAgent),
    ),
    forInstallation(
      `POST ${members}`,
      {
        ...spec,
        summary: 'Add a user to an account, by id or email; a new user gets an access token, which is shown once',
        takes,
        answer,
      },
      async (request) => {
        const account = await find(request)
        const { user_id: userId, name, role } = request.given
        const email = userId === undefined ? request.given.email : found(await installation.findUser(userId)).email
        if (email === undefined) throw unprocessable('param is missing or the value is empty: email')
        const agent = saved(await agents.addAgent(account.id, { email, name, role }, 'confirmed'))
        const isNew = !(await accessTokens.hasToken(agent.id))
        return {
          ...presentAgent(agent),
          ...(isNew ? { access_token: (await accessTokens.createToken({ userId: agent.id }, null)).token } : {}),
        }
      },
    ),
    forInstallation(
      `DELETE ${members}`,
      { ...spec, summary: 'Remove a user from an account', takes: { user_id: recordId } },
      async (request) => {
        saved(
          await agents.removeAgent(found(await agents.findAgent((await find(request)).id, request.given.user_id ?? 0))),
        )
        return undefined
      },
    ),
  ]
}

function fieldsOf(given: Given<typeof userFields>): UserFields {
  return {
    name: given.name,
    displayName: given.display_name,
    email: given.email,
    installationAdministrator: given.installation_administrator,
  }
}

function present(user: UserRow, token?: string): z.output<typeof userShape> {
  return {
    id: user.id,
    name: user.name,
    display_name: user.displayName,
    email: user.email,
    type: user.installationAdministrator ? 'SuperAdmin' : null,
    ...(token === undefined ? {} : { access_token: token }),
  }
}
