// Rules examine an event in the order in which they were made; each match performs its actions once, in a transaction
// of its own, as the rule. Impossible actions (an agent who is gone) are skipped; a fault is retried with the work.

import { matchesConversation } from '../conversations/filter/filter.ts'
import { lockConversation } from '../conversations/locked-conversation.ts'
import { performedBy } from '../conversations/record-event.ts'
import { type Pool, type Tx, withDeadlockRetry } from '../db/pool.ts'
import { isAutoReply } from '../db/rules.ts'
import type { EventRow } from '../events/event-rows.ts'
import { findEvent } from '../events/list-events.ts'
import type { Handlers } from '../queue/runner.ts'
import { type Deps, perform } from './perform.ts'
import { actionsOf } from './rule-fields.ts'

interface Rule {
  readonly id: number
  readonly conditions: unknown
  readonly actions: unknown
}

export interface ReactOptions extends Deps {
  readonly pool: Pool
  /** Called after a transaction that queued something. */
  readonly onWork: () => void
}

/** The handler of the work that the announcer writes. */
export function createReactHandler(options: ReactOptions): Handlers['react'] {
  const { pool } = options
  return {
    run: async ({ accountId, position }) => {
      const event = await findEvent(pool, accountId, position)
      if (event === null || (await isMachinesOwn(pool, event))) return
      const { rows } = await pool.query<Rule>(
        `
          select id, conditions, actions
          from automation_rules
          where account_id = $1 and event_name = $2 and active
          order by id
        `,
        [accountId, event.name],
      )
      for (const rule of rows)
        if (await withDeadlockRetry(pool, (tx) => apply(tx, { rule, event }, options))) options.onWork()
    },
  }
}

// Changes by rules, automatic messages, and automatic answers trigger no rule.
async function isMachinesOwn(pool: Pool, { messageId, performer }: EventRow): Promise<boolean> {
  if (performer?.startsWith('automation_rule:') === true) return true
  if (messageId === null) return false
  const { rowCount } = await pool.query(
    `
      select 1
      from messages m
      where id = $1 and (message_type = 'activity' or ${isAutoReply('m')})
    `,
    [messageId],
  )
  return rowCount === 1
}

async function apply(
  tx: Tx,
  { rule, event }: { rule: Rule; event: EventRow },
  options: ReactOptions,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    'insert into automation_runs (rule_id, position) values ($1, $2) on conflict do nothing',
    [rule.id, event.position],
  )
  const locked = rowCount === 1 ? await lockConversation(tx, event.conversationId ?? 0) : null
  if (locked === null) return false
  const isMatching = await matchesConversation(tx, rule.conditions, {
    accountId: event.accountId,
    conversationId: locked.id,
    messageId: event.messageId,
  })
  if (typeof isMatching !== 'boolean') {
    // An attribute that the account has deleted since.
    options.log.warn('rule-invalid', { rule: rule.id, account: event.accountId, problem: isMatching.error })
    return false
  }
  if (!isMatching) return false
  await performedBy(tx, `automation_rule:${String(rule.id) as `${number}`}`)
  for (const action of actionsOf(rule.actions)) await perform(tx, action, { ...options, ruleId: rule.id, event })
  return true
}
