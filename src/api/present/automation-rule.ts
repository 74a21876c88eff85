// Automation rules, as Chatwoot shows them.

import { z } from 'zod'

import type { RuleRow } from '../../conversations/automation/rules.ts'
import { epoch, id, json, listOf, maybeText, named, text } from './kinds.ts'
import { epochSeconds } from './time.ts'

export const ruleShape = named(
  'AutomationRule',
  z.object({ id, account_id: id, name: text, description: maybeText, event_name: text, conditions: listOf(json), actions: listOf(json), created_on: epoch, active: z.boolean() }),
)

export function presentRule(rule: RuleRow): z.output<typeof ruleShape> {
  return {
    id: rule.id,
    account_id: rule.accountId,
    name: rule.name,
    description: rule.description,
    event_name: rule.eventName,
    conditions: rule.conditions,
    actions: rule.actions,
    created_on: epochSeconds(rule.createdAt),
    active: rule.active,
  }
}
