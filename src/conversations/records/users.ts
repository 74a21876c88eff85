// People and their memberships: which accounts someone belongs to, as what, and which inboxes they see there.

import type { Db } from '../../db/client.ts'
import { type Pool, statement } from '../../db/pool.ts'
import { agentInclude, toAccountRow, toAgentRow, toJson } from './row-mapping.ts'
import type { AccountRow, AgentRow, Availability, Role } from './rows.ts'

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

const accessOf = statement(
  `
    select
      a.id,
      a.name,
      a.domain,
      a.support_email as "supportEmail",
      a.locale,
      a.status,
      a.features,
      a.settings,
      a.custom_attributes as "customAttributes",
      a.created_at as "createdAt",
      m.role,
      case
        when m.role is distinct from 'administrator' then (
          select coalesce(array_agg(i.inbox_id), '{}')
          from inbox_members i
          join inboxes of on of.id = i.inbox_id
          where i.user_id = $1 and of.account_id = a.id
        )
      end as "visibleInboxes"
    from accounts a
    left join acting_members m on m.account_id = a.id and m.user_id = $1
    where a.id = $2
  `,
)

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
    async findAccess(userId: number, accountId: number): Promise<Access | null> {
      const found = (await pool.query<AccountRow & Omit<Access, 'account'>>(accessOf([userId, accountId]))).rows[0]
      if (found === undefined) return null
      const { role, visibleInboxes, ...account } = found
      return {
        account: { ...account, settings: toJson(account.settings), customAttributes: toJson(account.customAttributes) },
        role,
        visibleInboxes,
      }
    },

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
