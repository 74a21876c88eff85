// …/automation_rules, as Chatwoot has them: a new rule is answered bare, every other answer lies under `payload`.
// Administrators only.

import { z } from 'zod'

import type { RuleRow } from '../../automation/rules.ts'
import type { Ledger } from '../../ledger.ts'
import { found, saved } from '../input/fault.ts'
import { flag, idOf, objects, text } from '../input/fields.ts'
import { presentRule, ruleShape } from '../present/automation-rule.ts'
import { payloadOf } from '../present/kinds.ts'
import { forAdministrator, type Route } from '../request/route.ts'

const tag = 'Automation rules'
const under = 'automation_rule'
const takes = { name: text, description: text, event_name: text, conditions: objects, actions: objects, active: flag }
const one = z.object({ payload: ruleShape })

interface Given {
  readonly name?: string | null | undefined
  readonly description?: string | null | undefined
  readonly event_name?: string | null | undefined
  readonly conditions?: readonly Record<string, unknown>[] | undefined
  readonly actions?: readonly Record<string, unknown>[] | undefined
  readonly active?: boolean | undefined
}
const fieldsOf = ({ event_name: eventName, ...fields }: Given) => ({ ...fields, eventName })

export function automationRuleRoutes({
  ledger: { automationRules: rules },
  publicUrl,
}: {
  readonly ledger: Pick<Ledger, 'automationRules'>
  readonly publicUrl: string
}): Route[] {
  const show = (rule: RuleRow) => presentRule(rule, publicUrl)
  const asPayload = (rule: RuleRow) => ({ payload: show(rule) })
  const find = async (accountId: number, id: string | undefined): Promise<RuleRow> =>
    found(await rules.findRule(accountId, idOf(id)))
  return [
    forAdministrator(
      'GET /automation_rules',
      { tag, summary: 'List automation rules', answer: payloadOf(ruleShape) },
      async ({ member }) => ({ payload: (await rules.listRules(member.account.id)).map(show) }),
    ),
    forAdministrator(
      'POST /automation_rules',
      { tag, summary: 'Create a rule', takes, under, answer: ruleShape },
      async ({ member, given }) => show(saved(await rules.createRule(member.account.id, fieldsOf(given)))),
    ),
    forAdministrator(
      'GET /automation_rules/:id',
      { tag, summary: 'Get a rule', answer: one },
      async ({ member, params }) => asPayload(await find(member.account.id, params['id'])),
    ),
    forAdministrator(
      'UPDATE /automation_rules/:id',
      { tag, summary: 'Update a rule', takes, under, answer: one },
      async ({ member, params, given }) =>
        asPayload(saved(await rules.updateRule(await find(member.account.id, params['id']), fieldsOf(given)))),
    ),
    forAdministrator('DELETE /automation_rules/:id', { tag, summary: 'Delete a rule' }, async ({ member, params }) => {
      await rules.deleteRule(await find(member.account.id, params['id']))
      return undefined
    }),
    forAdministrator(
      'POST /automation_rules/:id/clone',
      { tag, summary: 'Copy a rule; the copy is inactive', answer: one },
      async ({ member, params }) => asPayload(await rules.cloneRule(await find(member.account.id, params['id']))),
    ),
  ]
}
