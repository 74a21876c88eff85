// People and their memberships: which accounts someone belongs to, as what, and which inboxes they see there.

import type { Db } from '../../db/client.ts'
import { agentInclude, toAccountRow, toAgentRow } from '../row-mapping.ts'
import type { AccountRow, AgentRow, Availability, Role } from '../rows.ts'

export interface MembershipRow {
  readonly account: AccountRow
  readonly role: Role
  readonly availability: Availability
  readonly autoOffline: boolean
  readonly activeAt: Date | null
}

/** The inboxes whose conversations someone sees; null = all of the account. */
export type VisibleInboxes = readonly number[] | null

export interface Access {
  readonly account: AccountRow
  /** Null: the user does not belong to the account. */
  readonly role: Role | null
  readonly visibleInboxes: VisibleInboxes
}

export type Users = ReturnType<typeof createUsers>

export function createUsers(db: Db) {
  return {
    /** The accounts of a user, the one that they work in first, then the oldest membership. */
    async listMemberships(userId: number): Promise<MembershipRow[]> {
      const rows = await db.accountUser.findMany({ where: { userId }, include: { account: true }, orderBy: [{ activeAt: { sort: 'desc', nulls: 'last' } }, { createdAt: 'asc' }, { accountId: 'asc' }] })
      return rows.map((row) => ({ ...row, account: toAccountRow(row.account) }))
    },

    /** What a user may do in an account; null when there is no such account. */
    async findAccess(userId: number, accountId: number): Promise<Access | null> {
      const account = await db.account.findUnique({ where: { id: accountId }, include: { accountUsers: { where: { userId } } } })
      if (account === null) return null
      const role = account.accountUsers[0]?.role ?? null
      return { account: toAccountRow(account), role, visibleInboxes: role === 'administrator' ? null : await listOwnInboxes(db, userId, accountId) }
    },

    async findAccount(id: number): Promise<AccountRow | null> {
      const account = await db.account.findUnique({ where: { id } })
      return account === null ? null : toAccountRow(account)
    },

    /** Everyone in the account, by name. */
    async listAgents(accountId: number): Promise<AgentRow[]> {
      const rows = await db.user.findMany({ where: { accountUsers: { some: { accountId } } }, include: agentInclude(accountId), orderBy: [{ name: 'asc' }, { id: 'asc' }] })
      return rows.map((row) => toAgentRow(row, accountId))
    },
  }
}

async function listOwnInboxes(db: Db, userId: number, accountId: number): Promise<number[]> {
  const rows = await db.inboxMember.findMany({ where: { userId, inbox: { accountId } }, select: { inboxId: true } })
  return rows.map((row) => row.inboxId)
}
