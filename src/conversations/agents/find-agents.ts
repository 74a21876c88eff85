// Finds agents of an account by their ids.

import type { Db } from '../../db/client.ts'
import { agentInclude, toAgentRow } from '../records/row-mapping.ts'
import type { AgentRow } from '../records/rows.ts'

export function createAgentLookup(db: Db) {
  return {
    /** Null: the account has no such agent. */
    async findAgent(accountId: number, userId: number): Promise<AgentRow | null> {
      const user = await db.user.findFirst({
        where: { id: userId, accountUsers: { some: { accountId } } },
        include: agentInclude(accountId),
      })
      return user === null ? null : toAgentRow(user, accountId)
    },

    /** The agents with these ids, by name; others are left out. */
    async findAgents(accountId: number, userIds: readonly number[]): Promise<AgentRow[]> {
      const users = await db.user.findMany({
        where: { id: { in: [...userIds] }, accountUsers: { some: { accountId } } },
        include: agentInclude(accountId),
        orderBy: [{ name: 'asc' }, { id: 'asc' }],
      })
      return users.map((user) => toAgentRow(user, accountId))
    },
  }
}
