// The author of a change of a conversation: an agent, a bot, a rule, a contact, or the system. The activity in the
// conversation shows the name; events carry the kind and the number.

import { queryOne, type Sql, type Tx } from '../db/pool.ts'
import { seesConversation, seesInbox } from '../db/rules.ts'
import { performedBy, type PerformerKey } from './record-event.ts'

export type Performer =
  | { readonly kind: 'user'; readonly id: number; readonly name: string; readonly role: 'agent' | 'administrator' }
  | { readonly kind: 'agent_bot'; readonly id: number; readonly name: string }
  | { readonly kind: 'automation_rule'; readonly id: number }
  | { readonly kind: 'contact'; readonly id: number; readonly name: string }
  | { readonly kind: 'system' }

export type ActingAgent = Extract<Performer, { kind: 'user' }>

/** The agent, if they may act in the conversation by mail: a confirmed member who sees it. Null: they may not. */
export async function findActingAgent(sql: Sql, conversationId: number, userId: number): Promise<ActingAgent | null> {
  return queryAgent(
    sql,
    `
      select u.id, u.name, a.role
      from conversations c
      join acting_members a on a.account_id = c.account_id and a.user_id = $2
      join users u on u.id = a.user_id
      where c.id = $1
        and ${seesConversation('a', 'c')}
    `,
    [conversationId, userId],
  )
}

async function queryAgent(sql: Sql, text: string, values: readonly unknown[]): Promise<ActingAgent | null> {
  const row = await queryOne<Omit<ActingAgent, 'kind'> & Record<string, unknown>>(sql, text, values)
  return row === null ? null : { kind: 'user', id: row.id, name: row.name, role: row.role }
}

/** The agent, if they may begin a conversation in the inbox by mail. Null: they may not. */
export async function findInboxAgent(sql: Sql, inboxId: number, userId: number): Promise<ActingAgent | null> {
  return queryAgent(
    sql,
    `
      select u.id, u.name, a.role
      from inboxes i
      join acting_members a on a.account_id = i.account_id and a.user_id = $2
      join users u on u.id = a.user_id
      where i.id = $1
        and ${seesInbox('a', 'i.id')}
    `,
    [inboxId, userId],
  )
}

/** The name in an activity, as Chatwoot writes it; null for the system, which writes no activity. Never throws. */
export function nameOf(by: Performer): string | null {
  if (by.kind === 'automation_rule') return 'Automation System'
  return by.kind === 'system' ? null : by.name
}

/** The performer as events store it; null for the system. Never throws. */
export function performerKey(by: Performer): PerformerKey | null {
  return by.kind === 'system' ? null : `${by.kind}:${String(by.id) as `${number}`}`
}

/** Stores the performer with all events that further changes of this transaction cause. */
export async function setPerformer(tx: Tx, by: Performer): Promise<void> {
  const key = performerKey(by)
  if (key !== null) await performedBy(tx, key)
}
