// Labels of an account. Conversations and contacts carry their titles: renaming and deleting reach them in the same
// transaction.

import type { Db } from '../../db/client.ts'
import { toComposed } from '../../db/json.ts'
import type { Pool } from '../../db/pool.ts'
import type { Saved } from '../records/problem.ts'
import type { LabelRow } from '../records/rows.ts'
import { defined, findProblems, isBlank, type Rule, saveRecord } from '../records/save.ts'
import { changeLabel, removeLabel } from './change-label.ts'

export interface LabelFields {
  readonly title?: string | null | undefined
  readonly description?: string | null | undefined
  readonly color?: string | undefined
  readonly showOnSidebar?: boolean | undefined
}

const rules: readonly Rule<LabelFields>[] = [
  ['title', "can't be blank", ({ title }) => isBlank(title)],
  [
    'title',
    'is invalid',
    ({ title }) => title !== undefined && !/^[\p{L}\p{N}][\p{L}\p{N}_-]{0,254}$/u.test(title ?? ''),
  ],
  ['color', 'is invalid', ({ color }) => color !== undefined && !/^(#[0-9a-f]{3,8}|[a-z]{1,30})$/i.test(color)],
  [
    'description',
    'is too long (maximum is 20000 characters)',
    ({ description }) => (description ?? '').length > 20_000,
  ],
]

export function createLabels(sql: { readonly db: Db; readonly pool: Pool }) {
  const { db, pool } = sql
  const findLabel = (accountId: number, labelId: number): Promise<LabelRow | null> =>
    db.label.findFirst({ where: { accountId, id: labelId } })
  return {
    listLabels: (accountId: number): Promise<LabelRow[]> =>
      db.label.findMany({ where: { accountId }, orderBy: { title: 'asc' } }),
    findLabel,

    async createLabel(accountId: number, given: LabelFields): Promise<Saved<LabelRow>> {
      const { title = '', ...rest } = normalise(given)
      const problems = findProblems(rules, { ...rest, title })
      return saveRecord({ problems, unique: 'title' }, () =>
        db.label.create({ data: { accountId, title: title ?? '', ...defined(rest) } }),
      )
    },

    /** Changes the given fields; a new title replaces the old one everywhere. */
    async updateLabel(label: LabelRow, given: LabelFields): Promise<Saved<LabelRow>> {
      const fields = normalise(given)
      return saveRecord({ problems: findProblems(rules, fields), unique: 'title' }, () =>
        changeLabel(pool, label, { ...label, ...defined(fields), title: fields.title ?? label.title }),
      )
    },

    /** It is removed from all records. */
    deleteLabel: (label: LabelRow): Promise<void> => removeLabel(pool, label),
  }
}

function normalise(fields: LabelFields): LabelFields {
  return {
    ...fields,
    ...(typeof fields.title === 'string' ? { title: toComposed(fields.title).trim().toLowerCase() } : {}),
  }
}
