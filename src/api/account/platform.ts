// /platform/api/v1 …: Chatwoot's platform API, with the token of an administrator of the installation. Requests are
// served as under /installation. DELETE of an account deletes it for good; a bot without an account works in all
// accounts. There are no sign-in links.

import { z } from 'zod'

import type { UserRow } from '../../conversations/people/access-tokens.ts'
import type { UserFields } from '../../conversations/people/installation.ts'
import type { AgentBotRow } from '../../conversations/records/rows.ts'
import type { Ledger } from '../../ledger.ts'
import { found, saved, unprocessable } from '../input/fault.ts'
import { choice, filledText, idOf, recordId, text as textField } from '../input/fields.ts'
import { botFields, botFieldsOf } from '../people/agent-bots.ts'
import { accountShape, presentAccount } from '../present/account.ts'
import { agentBotShape, presentAgentBot } from '../present/agent-bot.ts'
import { id, json, listOf, maybeText, named, text } from '../present/kinds.ts'
import { role } from '../present/people.ts'
import { forPlatform, type Given, type Request, type Route } from '../request/route.ts'

type Deps = Pick<Ledger, 'accounts' | 'installation' | 'agents' | 'agentBots' | 'users' | 'accessTokens'>

const spec = { tag: 'Platform' } as const
const accountFields = { name: filledText, domain: textField }
const userFields = { name: textField, display_name: textField, email: filledText }
const membershipShape = z.object({ account_id: id, user_id: id, role })
const userShape = named(
  'PlatformUser',
  z.object({
    id,
    uid: text,
    name: text,
    available_name: text,
    display_name: maybeText,
    email: text,
    confirmed: z.boolean(),
    account_id: id.nullable(),
    role: role.nullable(),
    type: maybeText,
    custom_attributes: json,
    accounts: listOf(z.object({ id, name: text, role })),
    access_token: text.optional(),
  }),
)

export function platformRoutes(deps: Deps): Route[] {
  return [...accountRoutes(deps), ...memberRoutes(deps), ...userRoutes(deps), ...botRoutes(deps)]
}

function accountRoutes({ accounts, installation }: Deps): Route[] {
  const find = async ({ params }: Request) => found(await installation.findAccount(idOf(params['id'])))
  return [
    forPlatform(
      'POST /accounts',
      { ...spec, summary: 'Create an account', takes: accountFields, answer: accountShape },
      async ({ given: { name, domain }, caller }) => {
        if (name === undefined) throw unprocessable("name can't be blank")
        const account = await installation.createAccount({ name, administratorId: caller.user.id })
        return presentAccount(domain === undefined ? account : saved(await accounts.updateAccount(account, { domain })))
      },
    ),
    forPlatform('GET /accounts/:id', { ...spec, summary: 'Get an account', answer: accountShape }, async (request) =>
      presentAccount(await find(request)),
    ),
    forPlatform(
      'UPDATE /accounts/:id',
      { ...spec, summary: 'Update an account', takes: accountFields, answer: accountShape },
      async (request) => presentAccount(saved(await accounts.updateAccount(await find(request), request.given))),
    ),
    forPlatform('DELETE /accounts/:id', { ...spec, summary: 'Delete an account permanently' }, async (request) => {
      await installation.deleteAccount((await find(request)).id)
      return undefined
    }),
  ]
}

function memberRoutes({ installation, agents, users }: Deps): Route[] {
  const path = '/accounts/:id/account_users'
  const find = async ({ params }: Request) => found(await installation.findAccount(idOf(params['id'])))
  const present = (agent: {
    readonly id: number
    readonly accountId: number
    readonly role: z.output<typeof role>
  }) => ({ account_id: agent.accountId, user_id: agent.id, role: agent.role })
  return [
    forPlatform(
      `GET ${path}`,
      { ...spec, summary: 'List the users of an account', answer: listOf(membershipShape) },
      async (request) => (await users.listAgents((await find(request)).id)).map(present),
    ),
    forPlatform(
      `POST ${path}`,
      {
        ...spec,
        summary: 'Add a user to an account, or change their role',
        takes: { user_id: recordId, role: choice(['agent', 'administrator']) },
        answer: membershipShape,
      },
      async (request) => {
        const [account, user] = [await find(request), found(await installation.findUser(request.given.user_id ?? 0))]
        const there = await agents.findAgent(account.id, user.id)
        return present(
          saved(
            there?.confirmed !== true
              ? await agents.addAgent(account.id, { email: user.email, role: request.given.role }, 'confirmed')
              : await agents.updateAgent(there, { role: request.given.role }),
          ),
        )
      },
    ),
    forPlatform(
      `DELETE ${path}`,
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

function userRoutes({ installation, users, accessTokens }: Deps): Route[] {
  const write = { ...spec, takes: userFields, under: 'user', answer: userShape } as const
  const find = async ({ params }: Request) => found(await installation.findUser(idOf(params['id'])))
  const present = async (user: UserRow, token?: string): Promise<z.output<typeof userShape>> => {
    const accounts = (await users.listMemberships(user.id)).map(({ account, role }) => ({
      id: account.id,
      name: account.name,
      role,
    }))
    const names = {
      id: user.id,
      uid: user.email,
      name: user.name,
      available_name: user.displayName ?? user.name,
      display_name: user.displayName,
      email: user.email,
      confirmed: true,
    }
    const standing = {
      account_id: accounts[0]?.id ?? null,
      role: accounts[0]?.role ?? null,
      type: user.installationAdministrator ? 'SuperAdmin' : null,
    }
    return {
      ...names,
      ...standing,
      custom_attributes: user.customAttributes,
      accounts,
      ...(token === undefined ? {} : { access_token: token }),
    }
  }
  return [
    forPlatform(
      'POST /users',
      { ...write, summary: 'Create a user with an access token, which is shown once' },
      async ({ given }) => {
        const user = saved(await installation.createUser(fieldsOf(given)))
        return present(user, (await accessTokens.createToken({ userId: user.id }, null)).token)
      },
    ),
    forPlatform('GET /users/:id', { ...spec, summary: 'Get a user', answer: userShape }, async (request) =>
      present(await find(request)),
    ),
    forPlatform('UPDATE /users/:id', { ...write, summary: 'Update a user' }, async (request) =>
      present(saved(await installation.updateUser(await find(request), fieldsOf(request.given)))),
    ),
    forPlatform('DELETE /users/:id', { ...spec, summary: 'Delete a user; their messages stay' }, async (request) => {
      saved(await installation.deleteUser(await find(request)))
      return undefined
    }),
  ]
}

function botRoutes({ agentBots, installation }: Deps): Route[] {
  const write = {
    ...spec,
    takes: { ...botFields, account_id: recordId },
    under: 'agent_bot',
    answer: agentBotShape,
  } as const
  const find = async ({ params }: Request) => found(await agentBots.findAnyBot(idOf(params['id'])))
  const present = (bot: AgentBotRow, token?: string) =>
    presentAgentBot(bot, { administrator: true, installation: true, ...(token === undefined ? {} : { token }) })
  return [
    forPlatform(
      'GET /agent_bots',
      { ...spec, summary: 'List the bots of all accounts and of the installation', answer: listOf(agentBotShape) },
      async () => (await agentBots.listAllBots()).map((bot) => present(bot)),
    ),
    forPlatform(
      'POST /agent_bots',
      {
        ...write,
        summary:
          'Create a bot for an account, or without `account_id` for all accounts; its access token is shown once',
      },
      async ({ given }) => {
        const account = given.account_id === undefined ? null : found(await installation.findAccount(given.account_id))
        const { bot, token } = saved(await agentBots.createBot(account?.id ?? null, botFieldsOf(given)))
        return present(bot, token)
      },
    ),
    forPlatform('GET /agent_bots/:id', { ...spec, summary: 'Get a bot', answer: agentBotShape }, async (request) =>
      present(await find(request)),
    ),
    forPlatform('UPDATE /agent_bots/:id', { ...write, takes: botFields, summary: 'Update a bot' }, async (request) =>
      present(saved(await agentBots.updateBot(await find(request), botFieldsOf(request.given)))),
    ),
    forPlatform('DELETE /agent_bots/:id', { ...spec, summary: 'Delete a bot; its messages stay' }, async (request) => {
      await agentBots.deleteBot(await find(request))
      return undefined
    }),
  ]
}

function fieldsOf({ name, display_name: displayName, email }: Given<typeof userFields>): UserFields {
  return { name, displayName, email }
}
