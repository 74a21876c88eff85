// Agents and teams by the name that a person writes: the whole name or address, or else a part of it.

import { anyFolded, escapeLike } from '../../db/like.ts'
import type { Sql } from '../../db/pool.ts'

export interface Named {
  readonly id: number
  /** For people: the name, and the address of an agent. */
  readonly shown: string
}

interface Row extends Named {
  readonly exact: boolean
}

/** More are only counted. */
const most = 50

/** The agents of an account that a name or an address may mean; one: it is certain. Letters as search compares them. */
export async function findAgents(sql: Sql, accountId: number, name: string): Promise<Named[]> {
  const { rows } = await sql.query<Row>(
    `
      select
        u.id,
        u.name || ' (' || u.email || ')' as shown,
        (
          u.email = lower($2)
          or fold(u.name) = fold($2)
          or fold(coalesce(u.display_name, '')) = fold($2)
        ) as exact
      from account_users a
      join users u on u.id = a.user_id
      where a.account_id = $1
        and (
          u.email = lower($2)
          or ' ' || fold(u.name) || ' ' like ${anyFolded('$3::text[]')}
          or ' ' || fold(coalesce(u.display_name, '')) || ' ' like ${anyFolded('$3::text[]')}
        )
      order by u.id
      limit $4
    `,
    [accountId, name, [`% ${escapeLike(name)} %`], most],
  )
  return best(rows)
}

/** The teams of an account that a name may mean; one: it is certain. */
export async function findTeams(sql: Sql, accountId: number, name: string): Promise<Named[]> {
  const { rows } = await sql.query<Row>(
    `
      select t.id, t.name as shown, fold(t.name) = fold($2) as exact
      from teams t
      where t.account_id = $1
        and fold(t.name) like ${anyFolded('$3::text[]')}
      order by t.id
      limit $4
    `,
    [accountId, name, [`${escapeLike(name)}%`], most],
  )
  return best(rows)
}

// A whole name outranks a part of another.
function best(rows: readonly Row[]): Named[] {
  const exact = rows.filter((row) => row.exact)
  return exact.length > 0 ? exact : [...rows]
}
