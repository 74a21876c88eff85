// The question that every report answers (metric, subject and period), and the SQL of its parts. Trusted text only;
// values are bound.

import type { Json } from '../conversations/records/rows.ts'
import { zoneOfAccount } from '../conversations/records/time-zone.ts'

export const metrics = [
  'conversations_count',
  'incoming_messages_count',
  'outgoing_messages_count',
  'avg_first_response_time',
  'avg_resolution_time',
  'reply_time',
  'resolutions_count',
  'bot_resolutions_count',
  'bot_handoffs_count',
] as const
export type Metric = (typeof metrics)[number]

export const subjects = ['account', 'agent', 'inbox', 'label', 'team'] as const
export type Subject = (typeof subjects)[number]

export const buckets = ['hour', 'day', 'week', 'month', 'year'] as const
export type Bucket = (typeof buckets)[number]

export interface ReportQuery {
  readonly accountId: number
  readonly subject: Subject
  /** Id of the agent, inbox, label or team; 0 for the account. */
  readonly subjectId: number
  readonly since: Date
  readonly until: Date
  /** Name of a zone, or hours east of Greenwich. */
  readonly zone: string | number
  /** Means are of the time in which the inbox was open. */
  readonly businessHours: boolean
}

interface Source {
  /** Rows with `at` and `value`; $1 is the account, $2 the subject's id. */
  readonly from: string
  /** Its column of time, for the range. */
  readonly at: string
  readonly where: string
  readonly of: Readonly<Record<Subject, string>>
}

const ofConversation = (alias: string) => ({
  account: '$2::int is not null',
  agent: `${alias}.assignee_id = $2`,
  inbox: `${alias}.inbox_id = $2`,
  label:
    `${alias}.labels @> array(select title from labels where account_id = $1 and id = $2)::text[] and ` +
    'exists (select 1 from labels where account_id = $1 and id = $2)',
  team: `${alias}.team_id = $2`,
})

const conversations: Source = {
  from: 'conversations c',
  at: 'c.created_at',
  where: 'c.account_id = $1',
  of: ofConversation('c'),
}

function messages(type: 'incoming' | 'outgoing'): Source {
  const of = ofConversation('c')
  const sender = `m.sender_type = 'user' and m.sender_id = $2`
  return {
    from: 'messages m join conversations c on c.id = m.conversation_id',
    at: 'm.created_at',
    where: `m.account_id = $1 and m.message_type = '${type}' and not m.private`,
    of: type === 'outgoing' ? { ...of, agent: sender } : of,
  }
}

function events(name: string): Source {
  return {
    from: 'reporting_events r left join conversations c on c.id = r.conversation_id',
    at: 'r.created_at',
    where: `r.account_id = $1 and r.name in (${name})`,
    of: { ...ofConversation('c'), agent: 'r.user_id = $2', inbox: 'r.inbox_id = $2' },
  }
}

const sources: Readonly<Record<Metric, Source>> = {
  conversations_count: conversations,
  incoming_messages_count: messages('incoming'),
  outgoing_messages_count: messages('outgoing'),
  avg_first_response_time: events(`'first_response'`),
  avg_resolution_time: events(`'conversation_resolved'`),
  reply_time: events(`'reply_time'`),
  resolutions_count: events(`'conversation_resolved'`),
  bot_resolutions_count: events(`'conversation_bot_resolved'`),
  bot_handoffs_count: events(`'conversation_bot_handoff'`),
}

/** True if the metric is a mean of seconds; else it counts. */
export function isMean(metric: Metric): boolean {
  return metric.startsWith('avg_') || metric === 'reply_time'
}

export interface Statement {
  /** `select … from` it: rows with `at` (timestamptz) and `value`. $1 … $4 are bound. */
  readonly rows: string
  readonly values: readonly unknown[]
}

/** As SQL: how long a reporting event `r` took. */
export function secondsOf({ businessHours }: Pick<ReportQuery, 'businessHours'>): string {
  return businessHours ? 'r.value_in_business_hours' : 'r.value'
}

/** The rows that a metric is made of. */
export function rowsOf(metric: Metric, query: ReportQuery): Statement {
  const { from, at, where, of } = sources[metric]
  return {
    rows: `
      select ${at} as at, ${isMean(metric) ? secondsOf(query) : '1'}::float8 as value
      from ${from}
      where ${where} and ${at} >= $3 and ${at} < $4 and ${of[query.subject]}
    `,
    values: [query.accountId, query.subjectId, query.since, query.until],
  }
}

/** The zone in which a report counts its days: the account's, unless a client's offset is given. */
export function zoneOf(settings: Json, offsetHours: number | null): string | number {
  return offsetHours ?? zoneOfAccount(settings)
}
