// Who calls, and what they may do in the account they name (chatwoot.md §4.1). Headers `api_access_token` and `api-access-token`
// (proxies often drop underscores) come before `Authorization: Bearer`. Checked before any body is read.

import type { IncomingMessage } from 'node:http'

import type { TokenOwner, UserRow } from '../conversations/people/access-tokens.ts'
import type { Ledger } from '../conversations/ledger.ts'
import type { AccountRow, AgentBotRow, Role } from '../conversations/rows.ts'
import type { VisibleInboxes } from '../conversations/people/users.ts'
import { accountSuspended, botNotYours, found, invalidToken, notAllowed, notForBots, notYourAccount, signInFirst } from './request/fault.ts'
import { idOf } from './request/fields.ts'
import { strangerOf, within, type Limits } from './request/limits.ts'

interface Identity {
  /** The token as it was presented. */
  readonly token: string
  /** Who acts, as changes are marked with it: 'user:5', 'agent_bot:2'. */
  readonly performer: string
}

/** A person with a token. */
export interface Caller extends Identity {
  readonly user: UserRow
  readonly bot: null
}

/** A bot with a token. */
export interface BotCaller extends Identity {
  readonly user: null
  readonly bot: AgentBotRow
}

interface Place {
  readonly account: AccountRow
  readonly role: Role
  /** The inboxes whose conversations they see; null = all. */
  readonly visibleInboxes: VisibleInboxes
}

/** A person inside an account of theirs. */
export type Member = Caller & Place
/** A bot inside its account: it sees all inboxes, and is no administrator. */
export type BotMember = BotCaller & Place
/** Whoever may take part in conversations. */
export type Actor = Member | BotMember

export interface Gate {
  /** Throws 401 without a valid token, and for a bot's; 429 for one who asks too much. */
  readonly identify: (request: IncomingMessage) => Promise<Caller>
  /** Throws 401 without a valid token. */
  readonly identifyAny: (request: IncomingMessage) => Promise<Caller | BotCaller>
  /** Throws 404 for an account that is not there, 401 for one that is suspended or not the caller's. */
  readonly admit: (caller: Caller, accountId: unknown) => Promise<Member>
  /** As `admit`, bots too. */
  readonly admitAny: (caller: Caller | BotCaller, accountId: unknown) => Promise<Actor>
}

export function createGate(rooms: Pick<Ledger, 'accessTokens' | 'agentBots' | 'users'>, limits: Limits): Gate {
  const identifyAny: Gate['identifyAny'] = async (request) => {
    const token = presentedToken(request)
    if (token === null) throw signInFirst()
    const owner = await rooms.accessTokens.findOwner(token)
    if (owner === null) {
      await within(limits.stranger, strangerOf(request, limits))
      throw invalidToken()
    }
    await within(limits.token, token)
    return { ...owner, token, performer: performerOf(owner) }
  }
  const admit: Gate['admit'] = async (caller, accountId) => {
    const { account, role, visibleInboxes } = found(await rooms.users.findAccess(caller.user.id, idOf(accountId)))
    if (role === null) throw notYourAccount()
    if (account.status !== 'active') throw accountSuspended()
    return { ...caller, account, role, visibleInboxes }
  }
  return {
    identifyAny,
    admit,
    async identify(request) {
      const caller = await identifyAny(request)
      if (caller.user === null) throw notForBots()
      return caller
    },
    async admitAny(caller, accountId) {
      if (caller.user !== null) return admit(caller, accountId)
      const account = found(await rooms.users.findAccount(idOf(accountId)))
      if (!(await rooms.agentBots.worksIn(caller.bot, account.id))) throw botNotYours()
      if (account.status !== 'active') throw accountSuspended()
      return { ...caller, account, role: 'agent', visibleInboxes: null }
    },
  }
}

function performerOf(owner: TokenOwner): string {
  return owner.user === null ? `agent_bot:${String(owner.bot.id)}` : `user:${String(owner.user.id)}`
}

/** Throws 401 unless the member administers the account. */
export function requireAdministrator(member: Member): void {
  if (member.role !== 'administrator') throw notAllowed()
}

/** Throws 401 unless the caller administers the installation. */
export function requireInstallationAdministrator(caller: Caller): void {
  if (!caller.user.installationAdministrator) throw notAllowed()
}

function presentedToken(request: IncomingMessage): string | null {
  for (const name of ['api_access_token', 'api-access-token']) {
    const value = request.headers[name]
    const token = (Array.isArray(value) ? value[0] : value)?.trim()
    if (token) return token
  }
  return /^Bearer\s+(\S+)\s*$/i.exec(request.headers.authorization ?? '')?.[1] ?? null
}
