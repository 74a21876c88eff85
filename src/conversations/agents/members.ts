// Members of an inbox or a team: agents of its account only, each once.

import type { Db } from '../../db/client.ts'
import { inTransaction, type Pool, type Tx } from '../../db/pool.ts'
import { countMembers, readAgents } from '../records/agent-records.ts'
import type { AgentRow } from '../records/rows.ts'
import { endUnseenAddresses } from './new-conversation-addresses.ts'

/** The inbox or team. */
export interface MemberGroup {
  readonly id: number
  readonly accountId: number
}

// Names of tables and columns come from here only.
const tables = {
  inbox: { name: 'inbox_members', column: 'inbox_id' },
  team: { name: 'team_members', column: 'team_id' },
} as const

export function createMembers(sql: { readonly db: Db; readonly pool: Pool }, kind: keyof typeof tables) {
  const { name, column } = tables[kind]
  const add = (tx: Tx, group: MemberGroup, userIds: readonly number[]) =>
    tx.query(
      `
        insert into ${name} (${column}, user_id)
        select $1, user_id
        from account_users
        where account_id = $2 and user_id = any($3)
        on conflict do nothing
      `,
      [group.id, group.accountId, userIds],
    )
  const removed = async (tx: Tx, group: MemberGroup): Promise<void> => {
    if (kind === 'inbox') await endUnseenAddresses(tx, group.accountId)
  }
  return {
    /** By name. */
    async listMembers(group: MemberGroup): Promise<AgentRow[]> {
      const membership =
        kind === 'inbox'
          ? { inboxMembers: { some: { inboxId: group.id } } }
          : { teamMembers: { some: { teamId: group.id } } }
      return readAgents(sql.db, group.accountId, {
        ...membership,
        accountUsers: { some: { accountId: group.accountId } },
      })
    },

    /** True if all of these are agents of the account. */
    async areAgents(group: MemberGroup, userIds: readonly number[]): Promise<boolean> {
      const wanted = new Set(userIds)
      return (await countMembers(sql.db, group.accountId, [...wanted])) === wanted.size
    },

    async addMembers(group: MemberGroup, userIds: readonly number[]): Promise<void> {
      await inTransaction(sql.pool, (tx) => add(tx, group, userIds))
    },

    /** Replaces the members by these. */
    async replaceMembers(group: MemberGroup, userIds: readonly number[]): Promise<void> {
      await inTransaction(sql.pool, async (tx) => {
        await tx.query(`delete from ${name} where ${column} = $1 and user_id <> all($2)`, [group.id, userIds])
        await add(tx, group, userIds)
        await removed(tx, group)
      })
    },

    async removeMembers(group: MemberGroup, userIds: readonly number[]): Promise<void> {
      await inTransaction(sql.pool, async (tx) => {
        await tx.query(`delete from ${name} where ${column} = $1 and user_id = any($2)`, [group.id, userIds])
        await removed(tx, group)
      })
    },
  }
}
