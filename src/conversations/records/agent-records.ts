// Agents of an account as rows, read with Prisma.

import type { Db, Prisma } from '../../db/client.ts'
import { agentInclude, toAgentRow } from './row-mapping.ts'
import type { AgentRow } from './rows.ts'

/** The users that `where` names, as agents of the account, by name. */
export async function readAgents(db: Db, accountId: number, where: Prisma.UserWhereInput): Promise<AgentRow[]> {
  const users = await db.user.findMany({
    where,
    include: agentInclude(accountId),
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
  })
  return users.map((user) => toAgentRow(user, accountId))
}

/** The number of these users who have a membership in the account. */
export function countMembers(db: Db, accountId: number, userIds: readonly number[]): Promise<number> {
  return db.accountUser.count({ where: { accountId, userId: { in: [...userIds] } } })
}
