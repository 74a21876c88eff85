// The log of accepted mail, newest first: filters, pages by number or by the id of the last mail seen, and counts.
// Counts are exact up to 10,000; above that they are the planner's estimate, marked as such.

import type { InboundEmail, InboundEmailFilter, Scope } from '../contracts/inbound-email.ts'
import { containing } from '../db/like.ts'
import { type Pool, queryOne } from '../db/pool.ts'
import { maskReplyAddresses } from '../mail/reply-address.ts'
import { columns, presentRow, type Retention, type Row, source, valuesOf, visible } from './inbound-email-row.ts'

export interface Listed {
  readonly count: number
  readonly isExact: boolean
  readonly rows: readonly InboundEmail[]
}

const maxCounted = 10_000

/** Throws only database errors. */
export async function listInboundEmails(
  pool: Pool,
  retention: Retention,
  { scope, filter }: { readonly scope: Scope; readonly filter: InboundEmailFilter },
): Promise<Listed> {
  const { where, values } = conditionsOf(scope, filter)
  const page = [...values, filter.before, filter.offset, filter.limit]
  const at = values.length
  const [counted, { rows }] = await Promise.all([
    countMatching(pool, where, values),
    pool.query<Row>(
      `select ${columns}
       from ${source}
       where ${where} and ($${String(at + 1)}::bigint is null or i.id < $${String(at + 1)})
       order by i.id desc
       offset $${String(at + 2)}
       limit $${String(at + 3)}`,
      page,
    ),
  ])
  return { ...counted, rows: rows.map((row) => presentRow(row, retention)) }
}

/** How many mails need a person: held, and failed; each exact up to 10,000. */
export async function countNeeding(pool: Pool, scope: Scope): Promise<{ held: number; failed: number }> {
  const count = (status: 'held' | 'failed'): Promise<number> =>
    countUpTo(pool, `${visible} and i.status = '${status}'`, valuesOf(scope))
  const [held, failed] = await Promise.all([count('held'), count('failed')])
  return { held, failed }
}

async function countUpTo(pool: Pool, where: string, values: readonly unknown[]): Promise<number> {
  const row = await queryOne<{ count: number }>(
    pool,
    `
      select count(*)::int as count
      from (select 1 from ${source} where ${where} limit ${String(maxCounted + 1)}) counted
    `,
    [...values],
  )
  return row?.count ?? 0
}

async function countMatching(
  pool: Pool,
  where: string,
  values: readonly unknown[],
): Promise<{ count: number; isExact: boolean }> {
  const count = await countUpTo(pool, where, values)
  if (count <= maxCounted) return { count, isExact: true }
  const { rows } = await pool.query<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>(
    `explain (format json) select 1 from ${source} where ${where}`,
    [...values],
  )
  return { count: Math.max(count, rows[0]?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0), isExact: false }
}

// Only conditions that are asked for: each can use its index.
function conditionsOf(scope: Scope, filter: InboundEmailFilter): { where: string; values: unknown[] } {
  const values = valuesOf(scope)
  const conditions = [visible]
  const add = (value: unknown, condition: (parameter: string) => string): void => {
    if (value === null) return
    values.push(value)
    conditions.push(condition(`$${String(values.length)}`))
  }
  // Reply addresses are shown and searched masked, so that none can be guessed digit by digit.
  const like = (text: string | null): string | null => (text === null ? null : containing(maskReplyAddresses(text)))
  add(filter.statuses.length === 0 ? null : filter.statuses, (is) => `i.status = any(${is}::inbound_status[])`)
  add(filter.reason, (is) => `i.reason = ${is}`)
  add(filter.ingress, (is) => `i.ingress = ${is}`)
  add(filter.sender, (is) => `lower(i.from_address) = lower(${is})`)
  add(filter.messageId, (is) => `hashtext(i.message_id) = hashtext(${is}) and i.message_id = ${is}`)
  add(filter.since, (is) => `i.received_at >= ${is}`)
  add(filter.until, (is) => `i.received_at < ${is}`)
  add(like(filter.subject), (is) => `fold(i.subject) like fold(${is})`)
  add(
    like(filter.query),
    (is) => `(fold(i.subject) like fold(${is}) or fold(i.from_address) like fold(${is})
      or fold(i.message_id) like fold(${is})
      or fold(regexp_replace(
        array_to_string(i.recipients, ' '), '(reply|bounce|new)(?:[+=_]|%2b)[0-9a-f-]{32,36}', '\\1+…', 'gi'
      )) like fold(${is}))`,
  )
  return { where: conditions.join(' and '), values }
}
