// Labels of an account. Conversations and contacts carry their titles: renaming and deleting reach them in the same
// transaction.

import type { Db } from '../../db/client.ts'
import { toComposed } from '../../db/json.ts'
import { type Pool, type Tx,withDeadlockRetry } from '../../db/pool.ts'
import type { Saved } from '../records/problem.ts'
import type { LabelRow } from '../records/rows.ts'
import { defined, findProblems, isBlank, type Rule, saveRecord } from '../records/save.ts'

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

    /** Changes what is given; a new title is carried on wherever the old one was. */
    async updateLabel(label: LabelRow, given: LabelFields): Promise<Saved<LabelRow>> {
      const fields = normalise(given)
      return saveRecord({ problems: findProblems(rules, fields), unique: 'title' }, () =>
        withDeadlockRetry(pool, async (tx) => {
          const title = fields.title ?? label.title
          const next = { ...label, ...defined(fields), title }
          await tx.query(
            `
              update labels
              set title = $2, description = $3, color = $4, show_on_sidebar = $5, updated_at = now()
              where id = $1
            `,
            [label.id, title, next.description, next.color, next.showOnSidebar],
          )
          if (title !== label.title) await carry(tx, label, title)
          return next
        }),
      )
    },

    /** Nothing carries it afterwards. */
    async deleteLabel(label: LabelRow): Promise<void> {
      await withDeadlockRetry(pool, async (tx) => {
        await tx.query('delete from labels where id = $1', [label.id])
        await carry(tx, label, null)
      })
    },
  }
}

function normalise(fields: LabelFields): LabelFields {
  return {
    ...fields,
    ...(typeof fields.title === 'string' ? { title: toComposed(fields.title).trim().toLowerCase() } : {}),
  }
}

// Each title once, whatever was there before; null takes it away.
async function carry(
  tx: Tx,
  label: { readonly accountId: number; readonly title: string },
  title: string | null,
): Promise<void> {
  for (const table of ['conversations', 'contacts']) {
    await tx.query(
      `
        update ${table}
        set
          updated_at = now(),
          labels = coalesce(
            (
              select array_agg(l order by first)
              from (
                select l, min(ordinal) as first
                from unnest(
                  case
                    when $3::text is null then array_remove(labels, $2)
                    else array_replace(labels, $2, $3)
                  end
                ) with ordinality as t(l, ordinal)
                group by l
              ) u
            ),
            '{}'
          )
        where id in (
          select id from ${table} where account_id = $1 and $2 = any(labels) order by id for no key update
        )
      `,
      [label.accountId, label.title, title],
    )
  }
}
