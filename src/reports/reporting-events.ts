// The facts behind reports: each first response, reply and resolution with its duration.

import { type Pool, queryOne } from '../db/pool.ts'

export interface ReportingEvent {
  readonly id: number
  readonly accountId: number
  readonly name: string
  /** In seconds. */
  readonly value: number
  readonly valueInBusinessHours: number
  readonly startedAt: Date
  readonly createdAt: Date
  /** Null when it is gone. */
  readonly conversationDisplayId: number | null
  readonly inboxId: number | null
  readonly userId: number | null
}

export interface ReportingEventFilter {
  readonly since: Date | null
  readonly until: Date | null
  readonly inboxId: number | null
  readonly userId: number | null
  readonly name: string | null
}

const columns = `
  r.id,
  r.account_id as "accountId",
  r.name,
  r.value,
  r.value_in_business_hours as "valueInBusinessHours",
  r.created_at - make_interval(secs => r.value) as "startedAt",
  r.created_at as "createdAt",
  c.display_id as "conversationDisplayId",
  r.inbox_id as "inboxId",
  r.user_id as "userId"
`
const from = 'reporting_events r left join conversations c on c.id = r.conversation_id'
const matching = `
  r.account_id = $1
  and ($2::timestamptz is null or r.created_at >= $2)
  and ($3::timestamptz is null or r.created_at < $3)
  and ($4::int is null or r.inbox_id = $4)
  and ($5::int is null or r.user_id = $5)
  and ($6::text is null or r.name = $6)
`

export function createReportingEvents(pool: Pool) {
  return {
    /** Of one conversation, oldest first. */
    ofConversation: async (conversationId: number): Promise<ReportingEvent[]> =>
      (
        await pool.query<ReportingEvent>(
          `select ${columns} from ${from} where r.conversation_id = $1 order by r.created_at, r.id limit 1000`,
          [conversationId],
        )
      ).rows,

    /** Of an account, newest first, and how many there are. */
    async ofAccount(
      accountId: number,
      filter: ReportingEventFilter,
      page: { readonly limit: number; readonly offset: number },
    ): Promise<{ readonly events: ReportingEvent[]; readonly count: number }> {
      const values = [accountId, filter.since, filter.until, filter.inboxId, filter.userId, filter.name]
      const counted = await queryOne<{ count: number }>(
        pool,
        `select count(*)::int as count from reporting_events r where ${matching}`,
        values,
      )
      const { rows } = await pool.query<ReportingEvent>(
        `select ${columns} from ${from} where ${matching} order by r.created_at desc, r.id desc limit $7 offset $8`,
        [...values, page.limit, page.offset],
      )
      return { events: rows, count: counted?.count ?? 0 }
    },
  }
}
