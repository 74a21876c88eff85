// A user's permissions in an account, read with one statement: every request of the API asks for them.

import { type Pool, statement } from '../../db/pool.ts'
import { toJson } from './row-mapping.ts'
import type { AccountRow, Role } from './rows.ts'

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

/** Null when there is no such account. */
export async function findAccess(pool: Pool, userId: number, accountId: number): Promise<Access | null> {
  const found = (await pool.query<AccountRow & Omit<Access, 'account'>>(accessOf([userId, accountId]))).rows[0]
  if (found === undefined) return null
  const { role, visibleInboxes, ...account } = found
  return {
    account: { ...account, settings: toJson(account.settings), customAttributes: toJson(account.customAttributes) },
    role,
    visibleInboxes,
  }
}
