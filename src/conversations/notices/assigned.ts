// Mails an agent a notice when a conversation is assigned to them, by auto-assignment, a rule, an API client or another
// agent. Written in the transaction that assigns; delivery/notify-assignee sends it. Agents get no notice of their own
// actions.

import { randomUUID } from 'node:crypto'

import type { Tx } from '../../db/pool.ts'
import { agentKey, enqueue } from '../../queue/work.ts'
import { nameOf, type Performer } from '../performer.ts'

/** An automatic assignment within this time after another notice sends no further notice. */
const automaticQuietMs = 3_600_000
const ruleQuietMs = 120_000

export interface Given {
  readonly by: Performer
  /** The conversation is made with this assignee. */
  readonly isNew?: boolean
  /** It was the agent's turn. */
  readonly isInTurn?: boolean
}

/** Queues the notice to the new assignee; nothing when they assigned themselves. */
export async function noteAssigned(
  tx: Tx,
  to: { readonly conversationId: number; readonly userId: number },
  given: Given,
): Promise<void> {
  const { by } = given
  if (by.kind === 'user' && by.id === to.userId) return
  const payload = {
    ...to,
    by: given.isInTurn === true ? null : nameOf(by),
    quietMs: quietOf(given),
    token: randomUUID(),
  }
  await enqueue(tx, [{ kind: 'notify-assignee', key: agentKey(to.userId, to.conversationId), payload }])
}

function quietOf({ by, isNew = false, isInTurn = false }: Given): number {
  if (isNew || isInTurn || by.kind === 'system') return automaticQuietMs
  return by.kind === 'automation_rule' ? ruleQuietMs : 0
}
