// Reports in SQL: a number for a period, a series of them in buckets of the account's zone, a table by agent, inbox,
// team or label, and the open conversations of now.

import { type Availability, type ConversationStatus, conversationStatuses } from '../conversations/records/rows.ts'
import { type Pool, queryOne } from '../db/pool.ts'
import { boundsSql, zoneSql } from './buckets.ts'
import {
  type Bucket,
  isMean,
  type Metric,
  metrics,
  type ReportQuery,
  rowsOf,
  secondsOf,
  type Subject,
} from './report.ts'

export interface Point {
  /** Beginning of the bucket. */
  readonly at: Date
  /** A count, or a mean in seconds. */
  readonly value: number
  readonly count: number
}

export interface OpenNow {
  readonly open: number
  readonly unattended: number
  readonly unassigned: number
  readonly pending: number
}

export interface AgentNow extends OpenNow {
  readonly id: number
  readonly name: string
  readonly email: string
  readonly availability: Availability
}

type TableQuery = Pick<ReportQuery, 'accountId' | 'since' | 'until' | 'businessHours'>

export type Summary = Readonly<Record<Metric, number>>
export type SummaryRow = Summary & { readonly id: number }

export function createReports(pool: Pool) {
  return {
    readSeries: (metric: Metric, query: ReportQuery, bucket: Bucket) => readSeries(pool, { metric, bucket }, query),
    async readSummary(query: ReportQuery): Promise<Summary> {
      const values = await Promise.all(metrics.map((metric) => readNumber(pool, metric, query)))
      return Object.fromEntries(metrics.map((metric, index) => [metric, values[index] ?? 0])) as unknown as Summary
    },
    readTable: (subject: Exclude<Subject, 'account'>, range: TableQuery) => readTable(pool, subject, range),
    readChannels: (range: Pick<ReportQuery, 'accountId' | 'since' | 'until'>) => readChannels(pool, range),
    readOpen: (accountId: number) => readOpen(pool, accountId),
    readAgents: (accountId: number) => readAgents(pool, accountId),
  }
}

async function readNumber(pool: Pool, metric: Metric, query: ReportQuery): Promise<number> {
  const { rows, values } = rowsOf(metric, query)
  const row = await queryOne<{ value: number | null }>(
    pool,
    `select ${isMean(metric) ? 'avg(value)' : 'count(*)::float8'} as value from (${rows}) r`,
    values,
  )
  return row?.value ?? 0
}

// A bucket in which nothing happened is a point as well.
async function readSeries(
  pool: Pool,
  { metric, bucket }: { readonly metric: Metric; readonly bucket: Bucket },
  query: ReportQuery,
): Promise<Point[]> {
  const { rows, values } = rowsOf(metric, query)
  const { zone, value } = zoneSql(query.zone, '$5')
  const { rows: points } = await pool.query<Point>(
    `with bounds as (
       ${boundsSql(bucket, { since: '$3::timestamptz', until: '$4::timestamptz', zone })}
     ),
     counted as (
       select width_bucket(at, (select array_agg(b.at order by b.at) from bounds b)) as bucket,
         count(*)::int as count,
         avg(value) as mean
       from (${rows}) r
       group by 1
     ),
     numbered as (
       select at, row_number() over (order by at) as bucket from bounds
     )
     select numbered.at,
       coalesce(counted.count, 0) as count,
       coalesce(${isMean(metric) ? 'counted.mean' : 'counted.count'}, 0)::float8 as value
     from numbered
       left join counted using (bucket)
     order by bucket`,
    [...values, value],
  )
  return points
}

const listed: Readonly<Record<Exclude<Subject, 'account'>, string>> = {
  agent: 'select user_id as id from account_users where account_id = $1',
  inbox: 'select id from inboxes where account_id = $1',
  team: 'select id from teams where account_id = $1',
  label: 'select id from labels where account_id = $1',
}

// The column by which the rows of each metric name their agent, inbox or team.
const keys: Readonly<Record<Exclude<Subject, 'account'>, { readonly conversation: string; readonly event: string }>> = {
  agent: { conversation: 'c.assignee_id', event: 'r.user_id' },
  inbox: { conversation: 'c.inbox_id', event: 'r.inbox_id' },
  team: { conversation: 'c.team_id', event: 'c.team_id' },
  label: { conversation: 'l.id', event: 'l.id' },
}

/** One row for each agent, inbox, team or label, in two passes over the data, however many there are. */
async function readTable(
  pool: Pool,
  subject: Exclude<Subject, 'account'>,
  { accountId, since, until, businessHours }: TableQuery,
): Promise<SummaryRow[]> {
  const key = keys[subject]
  const labels = subject === 'label' ? 'join labels l on l.account_id = $1 and l.title = any(c.labels)' : ''
  const mean = (name: string) =>
    `coalesce(avg(${secondsOf({ businessHours })}) filter (where r.name = '${name}'), 0)::float8`
  const count = (name: string) => `count(*) filter (where r.name = '${name}')::int`
  const { rows } = await pool.query<SummaryRow>(
    `
      with counted as (
        select ${key.conversation} as id, count(*)::int as n
        from conversations c ${labels}
        where c.account_id = $1 and c.created_at >= $2 and c.created_at < $3
        group by 1
      ),
      timed as (
        select
          ${key.event} as id,
          ${mean('first_response')} as first_response,
          ${mean('conversation_resolved')} as resolution,
          ${mean('reply_time')} as reply,
          ${count('conversation_resolved')} as resolved,
          ${count('conversation_bot_resolved')} as bot_resolved,
          ${count('conversation_bot_handoff')} as handed_off
        from reporting_events r
        left join conversations c on c.id = r.conversation_id ${labels}
        where r.account_id = $1 and r.created_at >= $2 and r.created_at < $3
        group by 1
      )
      select
        s.id,
        coalesce(n, 0) as conversations_count,
        0 as incoming_messages_count,
        0 as outgoing_messages_count,
        coalesce(first_response, 0) as avg_first_response_time,
        coalesce(resolution, 0) as avg_resolution_time,
        coalesce(reply, 0) as reply_time,
        coalesce(resolved, 0) as resolutions_count,
        coalesce(bot_resolved, 0) as bot_resolutions_count,
        coalesce(handed_off, 0) as bot_handoffs_count
      from (${listed[subject]}) s
      left join counted on counted.id = s.id
      left join timed on timed.id = s.id
      order by s.id
    `,
    [accountId, since, until],
  )
  return rows
}

/** Conversations by the type of their channel, and by how they stand now. */
export type ChannelRow = Readonly<Record<ConversationStatus | 'total', number>> & { readonly channelType: string }

async function readChannels(
  pool: Pool,
  { accountId, since, until }: Pick<ReportQuery, 'accountId' | 'since' | 'until'>,
): Promise<ChannelRow[]> {
  const counts = conversationStatuses
    .map((status) => `count(*) filter (where c.status = '${status}')::int as ${status}`)
    .join(', ')
  const { rows } = await pool.query<ChannelRow>(
    `
      select ch.channel_type as "channelType", ${counts}, count(*)::int as total
      from conversations c
      join inboxes i on i.id = c.inbox_id
      join channels ch on ch.id = i.channel_id
      where c.account_id = $1 and c.created_at >= $2 and c.created_at < $3
      group by 1
      order by 1
    `,
    [accountId, since, until],
  )
  return rows
}

const openNow = `
  count(*) filter (where c.status = 'open')::int as open,
  count(*) filter (
    where c.status = 'open' and (c.first_reply_created_at is null or c.waiting_since is not null)
  )::int as unattended,
  count(*) filter (where c.status = 'open' and c.assignee_id is null)::int as unassigned,
  count(*) filter (where c.status = 'pending')::int as pending
`

async function readOpen(pool: Pool, accountId: number): Promise<OpenNow> {
  const row = await queryOne<OpenNow>(
    pool,
    `select ${openNow} from conversations c where c.account_id = $1 and c.status in ('open', 'pending')`,
    [accountId],
  )
  return row ?? { open: 0, unattended: 0, unassigned: 0, pending: 0 }
}

async function readAgents(pool: Pool, accountId: number): Promise<AgentNow[]> {
  const { rows } = await pool.query<AgentNow>(
    `
      select u.id, u.name, u.email, m.availability, ${openNow}
      from account_users m
      join users u on u.id = m.user_id
      left join conversations c on c.account_id = m.account_id
        and c.assignee_id = u.id
        and c.status in ('open', 'pending')
      where m.account_id = $1
      group by u.id, u.name, u.email, m.availability
      order by u.name, u.id
    `,
    [accountId],
  )
  return rows
}
