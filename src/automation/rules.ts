// Automation rules of an account: kept, changed, copied.

import { readUploads, type Upload } from '../conversations/files/uploads.ts'
import type { Saved } from '../conversations/records/problem.ts'
import type { Json } from '../conversations/records/rows.ts'
import { defined } from '../conversations/records/save.ts'
import type { Db } from '../db/client.ts'
import type { Pool } from '../db/pool.ts'
import { findRuleProblems, type RuleFields, uploadsOf } from './rule-fields.ts'

export interface RuleRow {
  readonly id: number
  readonly accountId: number
  readonly name: string
  readonly description: string | null
  readonly eventName: string
  readonly conditions: readonly Json[]
  readonly actions: readonly Json[]
  /** Those that its actions send. */
  readonly files: readonly Upload[]
  readonly active: boolean
  readonly createdAt: Date
}

export function createAutomationRules({ db, pool }: { readonly db: Db; readonly pool: Pool }) {
  return {
    listRules: async (accountId: number): Promise<RuleRow[]> =>
      toRows(pool, accountId, await db.automationRule.findMany({ where: { accountId }, orderBy: { id: 'asc' } })),

    async findRule(accountId: number, id: number): Promise<RuleRow | null> {
      const record = await db.automationRule.findFirst({ where: { accountId, id } })
      return record === null ? null : toRow(pool, record)
    },

    async createRule(accountId: number, given: RuleFields): Promise<Saved<RuleRow>> {
      const fields = { ...given, name: given.name ?? null, eventName: given.eventName ?? null }
      const problems = await findRuleProblems(pool, accountId, fields)
      if (problems.length > 0) return { problems }
      const { name, description = null, eventName, conditions = [], actions = [], active = true } = fields
      const data = {
        accountId,
        name: name ?? '',
        description,
        eventName: eventName ?? '',
        conditions: [...conditions] as object[],
        actions: [...actions] as object[],
        active,
      }
      return { saved: await toRow(pool, await db.automationRule.create({ data })) }
    },

    async updateRule(rule: RuleRow, fields: RuleFields): Promise<Saved<RuleRow>> {
      const problems = await findRuleProblems(pool, rule.accountId, fields)
      if (problems.length > 0) return { problems }
      const { conditions, actions, name, eventName, ...columns } = fields
      const lists = {
        ...(conditions === undefined ? {} : { conditions: [...conditions] as object[] }),
        ...(actions === undefined ? {} : { actions: [...actions] as object[] }),
      }
      const data = { ...defined({ ...columns, name: name ?? undefined, eventName: eventName ?? undefined }), ...lists }
      return { saved: await toRow(pool, await db.automationRule.update({ where: { id: rule.id }, data })) }
    },

    /** A copy, inactive until it is switched on. */
    async cloneRule({ accountId, name, description, eventName, conditions, actions }: RuleRow): Promise<RuleRow> {
      const data = {
        accountId,
        name,
        description,
        eventName,
        conditions: [...conditions] as object[],
        actions: [...actions] as object[],
        active: false,
      }
      return toRow(pool, await db.automationRule.create({ data }))
    },

    deleteRule: async (rule: RuleRow): Promise<void> => {
      await db.automationRule.deleteMany({ where: { id: rule.id } })
    },
  }
}

type RuleRecord = Omit<RuleRow, 'conditions' | 'actions' | 'files'> & {
  readonly conditions: unknown
  readonly actions: unknown
}

async function toRows(pool: Pool, accountId: number, records: readonly RuleRecord[]): Promise<RuleRow[]> {
  const tokens = records.flatMap(({ actions }) => uploadsOf(actions))
  const uploads = tokens.length === 0 ? new Map<string, Upload>() : await readUploads(pool, accountId, tokens)
  return records.map((record) => ({
    ...record,
    conditions: listOf(record.conditions),
    actions: listOf(record.actions),
    files: uploadsOf(record.actions).flatMap((token) => uploads.get(token) ?? []),
  }))
}

async function toRow(pool: Pool, record: RuleRecord): Promise<RuleRow> {
  const [row] = await toRows(pool, record.accountId, [record])
  if (row === undefined) throw new Error('a record gave no row')
  return row
}

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as Json[]) : []
}
