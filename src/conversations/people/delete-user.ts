// Deletes a user, unless they are the only administrator of the installation or of one of their accounts.

import { type Pool, queryOne, type Sql } from '../../db/pool.ts'
import type { Problem, Saved } from '../records/problem.ts'
import type { UserRow } from './access-tokens.ts'

export const lastAdministrator: Problem = {
  attribute: 'type',
  message: 'cannot change: an installation needs an administrator',
}

const aloneSql = `
  select a.name
  from account_users m
  join accounts a on a.id = m.account_id
  where m.user_id = $1
    and m.role = 'administrator'
    and not exists (
      select 1
      from acting_members o
      where o.account_id = m.account_id and o.role = 'administrator' and o.user_id <> m.user_id
    )
  limit 1
`

/** Deletes tokens and memberships; the user's messages stay, without a name. */
export async function deleteUser(pool: Pool, user: UserRow): Promise<Saved<null>> {
  if (await isLastAdministrator(pool, user)) return { problems: [lastAdministrator] }
  const alone = await queryOne<{ name: string }>(pool, aloneSql, [user.id])
  if (alone !== null)
    return { problems: [{ attribute: 'user', message: `is the only administrator of ${alone.name}` }] }
  await pool.query('delete from users where id = $1', [user.id])
  return { saved: null }
}

/** True if the user is the only confirmed administrator of the installation. */
export async function isLastAdministrator(sql: Sql, user: UserRow): Promise<boolean> {
  const other = await queryOne(
    sql,
    `select 1 from users where type = 'SuperAdmin' and confirmed_at is not null and id <> $1 limit 1`,
    [user.id],
  )
  return user.installationAdministrator && other === null
}
