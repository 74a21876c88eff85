// A user's permissions in an account, read with one statement: every request of the API asks for them.

import { type Pool, statement } from '../../db/pool.ts'
import { visibleInboxes } from '../../db/rules.ts'
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
      a.transport,
      a.locale,
      a.status,
      a.features,
      a.settings,
      a.custom_attributes as "customAttributes",
      a.created_at as "createdAt",
      m.role,
      ${visibleInboxes('m', '$1', 'a.id')} as "visibleInboxes"
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
