// /api/v2/accounts/:id/reports … and /summary_reports …: Chatwoot's reports v2, for administrators. Times are epoch
// seconds; days are those of the account's `reporting_timezone`, or of `timezone_offset` (hours). 422 {error} for
// what cannot be asked.

import { z } from 'zod'

import type { Ledger } from '../../ledger.ts'
import {
  buckets,
  isMean,
  type Metric,
  metrics,
  type ReportQuery,
  type Subject,
  subjects,
  zoneOf,
} from '../../reports/report.ts'
import type { Summary } from '../../reports/reports.ts'
import { unprocessable } from '../input/fault.ts'
import { choice, filledText, flag, recordId } from '../input/fields.ts'
import { epoch, id, listOf, named, text } from '../present/kinds.ts'
import { epochSeconds } from '../present/time.ts'
import { forAdministratorV2, type Given, type MemberRequest, type Route } from '../request/route.ts'
import { csvAnswer } from './csv.ts'
import { timeOf } from './time-of.ts'

const spec = { tag: 'Reports' } as const
const range = { since: filledText, until: filledText, timezone_offset: filledText, business_hours: flag }
const query = { ...range, type: choice(subjects), id: recordId }
const seriesFields = { ...query, metric: choice(metrics), group_by: choice(buckets) }

const pointShape = z.object({ value: z.union([z.number(), text]), timestamp: epoch, count: z.int().optional() })
const numbers = Object.fromEntries(metrics.map((metric) => [metric, z.number()])) as Record<Metric, z.ZodNumber>
const summaryShape = named('ReportSummary', z.object({ ...numbers, previous: z.object(numbers) }))
const tableShape = named(
  'ReportRow',
  z.object({
    id,
    conversations_count: z.int(),
    resolved_conversations_count: z.int(),
    avg_resolution_time: z.number().nullable(),
    avg_first_response_time: z.number().nullable(),
    avg_reply_time: z.number().nullable(),
  }),
)
const openShape = z.object({ open: z.int(), unattended: z.int(), unassigned: z.int(), pending: z.int() })
const channelShape = z.object({ open: z.int(), resolved: z.int(), pending: z.int(), snoozed: z.int(), total: z.int() })
const agentShape = z.object({
  id,
  name: text,
  email: text,
  thumbnail: text,
  availability: text,
  metric: z.object({ open: z.int(), unattended: z.int() }),
})

const maxPoints = 2_000
const tables = ['agent', 'inbox', 'team', 'label'] as const

export function reportRoutes({ reports }: Pick<Ledger, 'reports'>): Route[] {
  return [
    forAdministratorV2(
      'GET /reports',
      { ...spec, summary: 'Get a metric as a series of points', takes: seriesFields, answer: listOf(pointShape) },
      async (request) => {
        const { metric = 'conversations_count', group_by: bucket = 'day' } = request.given
        const asked = queryOf(request)
        if ((asked.until.getTime() - asked.since.getTime()) / bucketMs[bucket] > maxPoints)
          throw unprocessable(`More than ${String(maxPoints)} points: choose a longer group_by or a shorter time`)
        const points = await reports.readSeries(metric, asked, bucket)
        return points.map(({ at, value, count }) =>
          isMean(metric) ? { value, timestamp: epochSeconds(at), count } : { value, timestamp: epochSeconds(at) },
        )
      },
    ),
    forAdministratorV2(
      'GET /reports/summary',
      {
        ...spec,
        summary: 'Get every metric of a period, and of the period before it',
        takes: query,
        answer: summaryShape,
      },
      async (request) => {
        const asked = queryOf(request)
        const before = {
          ...asked,
          since: new Date(2 * asked.since.getTime() - asked.until.getTime()),
          until: asked.since,
        }
        const [now, previous] = await Promise.all([reports.readSummary(asked), reports.readSummary(before)])
        return { ...now, previous }
      },
    ),
    forAdministratorV2(
      'GET /reports/conversations',
      {
        ...spec,
        summary: 'Get the conversations that are open now, of the account or by agent',
        takes: { type: choice(['account', 'agent']), page: recordId },
        answer: z.union([openShape, listOf(agentShape)]),
      },
      async ({ member, given }) => {
        if (given.type !== 'agent') return reports.readOpen(member.account.id)
        const agents = await reports.readAgents(member.account.id)
        return agents.map(({ open, unattended, ...agent }) => ({
          id: agent.id,
          name: agent.name,
          email: agent.email,
          thumbnail: '',
          availability: agent.availability,
          metric: { open, unattended },
        }))
      },
    ),
    ...tables.map((subject) => summaryTable(reports, subject)),
    ...tables.map((subject) => csvTable(reports, subject)),
    forAdministratorV2(
      'GET /summary_reports/channel',
      {
        ...spec,
        summary: 'Get conversations by the type of their channel',
        takes: range,
        answer: z.record(text, channelShape),
      },
      async (request) =>
        Object.fromEntries(
          (await reports.readChannels(queryOf(request))).map(({ channelType, ...counts }) => [channelType, counts]),
        ),
    ),
  ]
}

type Reports = Pick<Ledger, 'reports'>['reports']

function summaryTable(reports: Reports, subject: Exclude<Subject, 'account'>): Route {
  return forAdministratorV2(
    `GET /summary_reports/${subject}`,
    { ...spec, summary: `List a row for each ${subject}`, takes: range, answer: listOf(tableShape) },
    async (request) =>
      (await reports.readTable(subject, queryOf(request))).map((row) => ({
        id: row.id,
        conversations_count: row.conversations_count,
        resolved_conversations_count: row.resolutions_count,
        avg_resolution_time: orNull(row.avg_resolution_time),
        avg_first_response_time: orNull(row.avg_first_response_time),
        avg_reply_time: orNull(row.reply_time),
      })),
  )
}

function csvTable(reports: Reports, subject: Exclude<Subject, 'account'>): Route {
  const plural = subject === 'inbox' ? 'inboxes' : `${subject}s`
  return forAdministratorV2(
    `GET /reports/${plural}`,
    { ...spec, summary: `Get a row for each ${subject}, as CSV`, takes: range, sends: 'text/csv' },
    async (request) => {
      const columns: readonly (keyof Summary)[] = [
        'conversations_count',
        'resolutions_count',
        'avg_first_response_time',
        'avg_resolution_time',
        'reply_time',
      ]
      const rows = await reports.readTable(subject, queryOf(request))
      return csvAnswer(`${plural}_report.csv`, [
        ['id', ...columns],
        ...rows.map((row) => [row.id, ...columns.map((column) => Math.round(row[column]))]),
      ])
    },
  )
}

const orNull = (seconds: number): number | null => (seconds === 0 ? null : seconds)
const bucketMs = {
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
  month: 28 * 86_400_000,
  year: 365 * 86_400_000,
} as const

function queryOf({ member, given }: MemberRequest & { readonly given: Partial<Given<typeof query>> }): ReportQuery {
  const until = timeOf('until', given.until) ?? new Date()
  const since = timeOf('since', given.since) ?? new Date(until.getTime() - 7 * 86_400_000)
  if (since >= until) throw unprocessable('since must be before until')
  const subject = given.type ?? 'account'
  if (subject !== 'account' && given.id === undefined) throw unprocessable(`id of the ${subject} is missing`)
  return {
    accountId: member.account.id,
    subject,
    subjectId: given.id ?? 0,
    since,
    until,
    zone: zoneOf(member.account.settings, offsetOf(given.timezone_offset)),
    businessHours: given.business_hours ?? false,
  }
}

function offsetOf(value: string | undefined): number | null {
  if (value === undefined) return null
  const hours = Number(value)
  if (!Number.isFinite(hours) || Math.abs(hours) > 14)
    throw unprocessable('timezone_offset must be hours between -14 and 14')
  return hours
}
