// Participants of a conversation: agents who see its inbox and receive notices of new messages.

import { inTransaction, type Pool, queryOne, type Sql, type Tx } from '../../db/pool.ts'
import { seesInbox } from '../../db/rules.ts'
import type { Problem } from '../records/problem.ts'

interface ConversationKey {
  readonly id: number
  readonly accountId: number
  readonly inboxId: number
}

/** Ids of the participants, oldest first. */
export async function listParticipantIds(sql: Sql, conversationId: number): Promise<number[]> {
  const { rows } = await sql.query<{ user_id: number }>(
    'select user_id from conversation_participants where conversation_id = $1 order by created_at, user_id',
    [conversationId],
  )
  return rows.map((row) => row.user_id)
}

/** Adds participants; none if one of them may not see the inbox. */
export async function addParticipants(
  pool: Pool,
  conversation: ConversationKey,
  userIds: readonly number[],
): Promise<readonly Problem[]> {
  return inTransaction(pool, (tx) => add(tx, conversation, userIds))
}

/** Replaces the participants. */
export async function replaceParticipants(
  pool: Pool,
  conversation: ConversationKey,
  userIds: readonly number[],
): Promise<readonly Problem[]> {
  return inTransaction(pool, async (tx) => {
    const problems = await add(tx, conversation, userIds)
    if (problems.length === 0)
      await tx.query('delete from conversation_participants where conversation_id = $1 and user_id <> all($2)', [
        conversation.id,
        userIds,
      ])
    return problems
  })
}

/** Removes some; users who are not participants are skipped. */
export async function removeParticipants(
  pool: Pool,
  conversationId: number,
  userIds: readonly number[],
): Promise<void> {
  await pool.query('delete from conversation_participants where conversation_id = $1 and user_id = any($2)', [
    conversationId,
    userIds,
  ])
}

const withoutAccess: Problem = { attribute: 'user', message: 'must have inbox access' }

async function add(tx: Tx, conversation: ConversationKey, userIds: readonly number[]): Promise<Problem[]> {
  const ids = [...new Set(userIds)]
  const row = await queryOne<{ all: boolean }>(
    tx,
    `
      select count(*) = cardinality($3::int[]) as all
      from account_users a
      where a.account_id = $1
        and a.user_id = any($3)
        and ${seesInbox('a', '$2')}
    `,
    [conversation.accountId, conversation.inboxId, ids],
  )
  if (row?.all !== true) return [withoutAccess]
  await tx.query(
    `
      insert into conversation_participants (conversation_id, user_id)
      select $1, u
      from unnest($2::int[]) with ordinality as n(u, ordinal)
      order by ordinal
      on conflict do nothing
    `,
    [conversation.id, ids],
  )
  return []
}
