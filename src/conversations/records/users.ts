// People and their memberships: which accounts someone belongs to, as what, and which inboxes they see there.

import type { Db } from '../../db/client.ts'
import type { Pool } from '../../db/pool.ts'
import { type Access, findAccess } from './access.ts'
import { agentInclude, toAccountRow, toAgentRow } from './row-mapping.ts'
import type { AccountRow, AgentRow, Availability, Role } from './rows.ts'

export interface MembershipRow {
  readonly account: AccountRow
  readonly role: Role
  readonly availability: Availability
  readonly autoOffline: boolean
  readonly activeAt: Date | null
}

export function createUsers({ db, pool }: { readonly db: Db; readonly pool: Pool }) {
  return {
    /** The accounts of a user in which they may act, the one that they work in first, then the oldest membership. */
    async listMemberships(userId: number): Promise<MembershipRow[]> {
      const rows = await db.accountUser.findMany({
        where: { userId, acceptedAt: { not: null } },
        include: { account: true },
        orderBy: [{ activeAt: { sort: 'desc', nulls: 'last' } }, { createdAt: 'asc' }, { accountId: 'asc' }],
      })
      // An account that is deleted between Prisma's two queries is null, although the type says otherwise.
      const whole = rows.filter(({ account }) => (account as object | null) !== null)
      return whole.map((row) => ({ ...row, account: toAccountRow(row.account) }))
    },

    /** A user's permissions in an account; null when there is no such account. */
    findAccess: (userId: number, accountId: number): Promise<Access | null> => findAccess(pool, userId, accountId),

    async findAccount(id: number): Promise<AccountRow | null> {
      const account = await db.account.findUnique({ where: { id } })
      return account === null ? null : toAccountRow(account)
    },

    /** Everyone in the account, by name. */
    async listAgents(accountId: number): Promise<AgentRow[]> {
      const rows = await db.user.findMany({
        where: { accountUsers: { some: { accountId } } },
        include: agentInclude(accountId),
        orderBy: [{ name: 'asc' }, { id: 'asc' }],
      })
      return rows.map((row) => toAgentRow(row, accountId))
    },
  }
}
