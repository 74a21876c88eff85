// The author, set once in a transaction; the triggers store it with every event.

import type { ActionEventName } from '../contracts/event-names.ts'
import type { Sql, Tx } from '../db/pool.ts'

/** 'user:5', 'contact:9', 'automation_rule:3', 'agent_bot:2'. */
export type PerformerKey = `${'user' | 'contact' | 'automation_rule' | 'agent_bot'}:${number}`

/** Sets the author of all further changes in this transaction. */
export async function performedBy(tx: Tx, performer: PerformerKey): Promise<void> {
  await tx.query(`select set_config('rethread.performer', $1, true)`, [performer])
}

/** An event without a row change. */
export interface OwnEvent {
  readonly accountId: number
  readonly name: ActionEventName
  readonly conversationId?: number | null
  readonly contactId?: number | null
  readonly inboxId?: number | null
  readonly performer?: PerformerKey | null
  readonly facts?: Readonly<Record<string, unknown>> | null
}

/** Writes it in the caller's transaction; announced after the commit. */
export async function recordEvent(sql: Sql, event: OwnEvent): Promise<void> {
  await sql.query(
    `
      insert into events (account_id, name, conversation_id, contact_id, inbox_id, performer, facts)
      select
        $1,
        $2,
        $3,
        coalesce($4, c.contact_id),
        coalesce($5, c.inbox_id),
        coalesce($6, rethread_performer()),
        $7::jsonb
      from (select 1) one
      left join conversations c on c.id = $3
    `,
    [
      event.accountId,
      event.name,
      event.conversationId ?? null,
      event.contactId ?? null,
      event.inboxId ?? null,
      event.performer ?? null,
      event.facts == null ? null : JSON.stringify(event.facts),
    ],
  )
}
