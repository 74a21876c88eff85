// Who calls, and what they may do in the account they name (chatwoot.md §4.1). Headers `api_access_token` and `api-access-token`
// (proxies often drop underscores) come before `Authorization: Bearer`. Checked before any body is read.

import type { IncomingMessage } from 'node:http'

import type { AccessTokens, UserRow } from '../conversations/people/access-tokens.ts'
import type { AccountRow, Role } from '../conversations/rows.ts'
import type { Users, VisibleInboxes } from '../conversations/people/users.ts'
import { accountSuspended, found, invalidToken, notAllowed, notYourAccount, signInFirst } from './request/fault.ts'
import { idOf } from './request/fields.ts'

export interface Caller {
  readonly user: UserRow
  /** The token as it was presented. */
  readonly token: string
}

/** A caller inside an account of theirs. */
export interface Member extends Caller {
  readonly account: AccountRow
  readonly role: Role
  /** The inboxes whose conversations they see; null = all. */
  readonly visibleInboxes: VisibleInboxes
}

export interface Gate {
  /** Throws 401 without a valid token. */
  readonly identify: (request: IncomingMessage) => Promise<Caller>
  /** Throws 404 for an account that is not there, 401 for one that is suspended or not the caller's. */
  readonly admit: (caller: Caller, accountId: unknown) => Promise<Member>
}

export function createGate(rooms: { readonly accessTokens: AccessTokens; readonly users: Users }): Gate {
  return {
    async identify(request) {
      const token = presentedToken(request)
      if (token === null) throw signInFirst()
      const user = await rooms.accessTokens.findOwner(token)
      if (user === null) throw invalidToken()
      return { user, token }
    },

    async admit(caller, accountId) {
      const { account, role, visibleInboxes } = found(await rooms.users.findAccess(caller.user.id, idOf(accountId)))
      if (role === null) throw notYourAccount()
      if (account.status !== 'active') throw accountSuspended()
      return { ...caller, account, role, visibleInboxes }
    },
  }
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
