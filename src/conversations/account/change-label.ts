// Changes and deletes a label together with its title on every conversation and contact.

import { type Pool, type Tx, withDeadlockRetry } from '../../db/pool.ts'
import type { LabelRow } from '../records/rows.ts'

/** Writes the label; a new title replaces the old one everywhere. */
export function changeLabel(pool: Pool, label: LabelRow, next: LabelRow): Promise<LabelRow> {
  return withDeadlockRetry(pool, async (tx) => {
    await tx.query(
      `
        update labels
        set title = $2, description = $3, color = $4, show_on_sidebar = $5, updated_at = now()
        where id = $1
      `,
      [label.id, next.title, next.description, next.color, next.showOnSidebar],
    )
    if (next.title !== label.title) await carry(tx, label, next.title)
    return next
  })
}

/** Deletes the label, and its title everywhere. */
export async function removeLabel(pool: Pool, label: LabelRow): Promise<void> {
  await withDeadlockRetry(pool, async (tx) => {
    await tx.query('delete from labels where id = $1', [label.id])
    await carry(tx, label, null)
  })
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
