// Authentication and permissions: identifies the caller and their role in the account that the path names. Order of
// credentials: `api_access_token` and `api-access-token` (proxies often drop underscores), `Authorization: Bearer`,
// Chatwoot's `access-token`, `client` and `uid`, then the session cookie. Checked before any body is read.

import type { IncomingMessage } from 'node:http'

import type { TokenOwner, UserRow } from '../../conversations/people/access-tokens.ts'
import type { VisibleInboxes } from '../../conversations/records/access.ts'
import type { AccountRow, AgentBotRow, Role } from '../../conversations/records/rows.ts'
import type { LiveSession } from '../../conversations/sign-in/sessions.ts'
import type { Ledger } from '../../ledger.ts'
import {
  accountSuspended,
  type ApiFault,
  botOfOtherAccount,
  found,
  invalidToken,
  notAllowed,
  notForBots,
  notYourAccount,
  signInFirst,
} from '../input/fault.ts'
import { idOf } from '../input/fields.ts'
import { type Limits, strangerOf, within } from '../input/limits.ts'
import { cookieName, readCookie } from './cookie.ts'
import { requireOwnPage } from './same-site.ts'

/** How a session was presented. A page never receives its cookie's value. */
export interface PresentedSession extends Pick<LiveSession, 'id' | 'client' | 'expiresAt'> {
  readonly by: 'cookie' | 'headers'
}

interface Identity {
  /**
   * The presented token, of an access token or a session: requests are counted by it, and it is never sent to a client
   * that signed in by cookie.
   */
  readonly token: string
  /** Null: an access token was presented. */
  readonly session: PresentedSession | null
  /** The author recorded with changes: 'user:5', 'agent_bot:2'. */
  readonly performer: string
}

/** A person with a token or a session. */
export interface Caller extends Identity {
  readonly user: UserRow
  readonly bot: null
}

/** A bot with a token. */
export interface BotCaller extends Identity {
  readonly user: null
  readonly bot: AgentBotRow
}

interface AccountMembership {
  readonly account: AccountRow
  readonly role: Role
  /** The inboxes whose conversations they see; null = all. */
  readonly visibleInboxes: VisibleInboxes
}

/** A person with a role in an account. */
export type Member = Caller & AccountMembership
/** A bot inside its account: it sees all inboxes and is not an administrator. */
export type BotMember = BotCaller & AccountMembership
/** A person or a bot in an account. */
export type MemberOrBot = Member | BotMember

export interface Gate {
  /**
   * Throws 401 without a valid token or session, and for a bot's token; 403 for a cookie from another site, 429 above
   * the rate limit. Without `cookies`, a cookie is ignored.
   */
  readonly identify: (request: IncomingMessage, options?: { readonly cookies: boolean }) => Promise<Caller>
  /** As `identify`, bots too. */
  readonly identifyAny: (
    request: IncomingMessage,
    options?: { readonly cookies: boolean },
  ) => Promise<Caller | BotCaller>
  /** Throws 404 for an account that is not there, 401 for one that is suspended or not the caller's. */
  readonly admit: (caller: Caller, accountId: unknown) => Promise<Member>
  /** As `admit`, bots too. */
  readonly admitAny: (caller: Caller | BotCaller, accountId: unknown) => Promise<MemberOrBot>
}

type Deps = Pick<Ledger, 'accessTokens' | 'agentBots' | 'users' | 'sessions'>

export function createGate(deps: Deps, limits: Limits, publicUrl: string): Gate {
  const refuse = async (request: IncomingMessage, fault: ApiFault): Promise<never> => {
    await within(limits.stranger, strangerOf(request, limits))
    throw fault
  }
  const bySession = async (request: IncomingMessage, { token, by, client, uid }: Presented): Promise<Caller> => {
    const found = await deps.sessions.findSession(token, strangerOf(request, limits))
    const isNamed = by === 'cookie' || (found?.client === client && found?.user.email === uid?.toLowerCase())
    if (found === null || !isNamed) return refuse(request, signInFirst())
    await within(limits.token, token)
    const { user, ...session } = found
    return { user, bot: null, token, session: { ...session, by }, performer: `user:${String(user.id)}` }
  }
  const byToken = async (request: IncomingMessage, token: string): Promise<Caller | BotCaller> => {
    const owner = await deps.accessTokens.findOwner(token)
    if (owner === null) return refuse(request, invalidToken())
    await within(limits.token, token)
    return { ...owner, token, session: null, performer: performerOf(owner) }
  }
  const identifyAny: Gate['identifyAny'] = async (request, { cookies } = { cookies: true }) => {
    const token = presentedToken(request)
    if (token !== null) return byToken(request, token)
    const headers = presentedHeaders(request)
    if (headers !== null) return bySession(request, headers)
    const cookie = cookies ? readCookie(request, cookieName(publicUrl)) : null
    if (cookie === null) throw signInFirst()
    requireOwnPage(request, publicUrl)
    return bySession(request, { token: cookie, by: 'cookie' })
  }
  const admit: Gate['admit'] = async (caller, accountId) => {
    const { account, role, visibleInboxes } = found(await deps.users.findAccess(caller.user.id, idOf(accountId)))
    if (role === null) throw notYourAccount()
    if (account.status !== 'active') throw accountSuspended()
    return { ...caller, account, role, visibleInboxes }
  }
  return {
    identifyAny,
    admit,
    async identify(request, options) {
      const caller = await identifyAny(request, options)
      if (caller.user === null) throw notForBots()
      return caller
    },
    async admitAny(caller, accountId) {
      if (caller.user !== null) return admit(caller, accountId)
      const account = found(await deps.users.findAccount(idOf(accountId)))
      if (!(await deps.agentBots.worksIn(caller.bot, account.id))) throw botOfOtherAccount()
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

interface Presented {
  readonly token: string
  readonly by: PresentedSession['by']
  readonly client?: string
  readonly uid?: string
}

// Chatwoot's clients send all three (devise_token_auth).
function presentedHeaders({ headers }: IncomingMessage): Presented | null {
  const [token, client, uid] = [headers['access-token'], headers['client'], headers['uid']]
  if (typeof token !== 'string' || typeof client !== 'string' || typeof uid !== 'string') return null
  return { token, client, uid, by: 'headers' }
}

function presentedToken(request: IncomingMessage): string | null {
  for (const name of ['api_access_token', 'api-access-token']) {
    const value = request.headers[name]
    const token = (Array.isArray(value) ? value[0] : value)?.trim()
    if (token) return token
  }
  return /^Bearer\s+(\S+)\s*$/i.exec(request.headers.authorization ?? '')?.[1] ?? null
}
