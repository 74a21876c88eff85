// Conversations into which a mail may belong, best first, each with the reasons. Conversations that a thread, a sender
// or a number names are looked up; subjects, companies and attributes are compared with the conversations of the latest
// activity only, so that the time is bounded however many there are.

import { type Pool, queryOne } from '../../db/pool.ts'
import { isKnown } from '../../db/rules.ts'
import { type FilingClues, normaliseSubject } from '../../mail/filing-clues.ts'

export const candidateReasons = [
  'same-thread',
  'names-conversation',
  'names-number',
  'same-sender',
  'same-subject',
  'same-company',
] as const
type ReasonCode = (typeof candidateReasons)[number]

export interface CandidateReason {
  readonly code: ReasonCode
  /** The evidence that they share: a number, a subject, an address or a domain; null for a thread. */
  readonly detail: string | null
}

export interface Candidate {
  readonly displayId: number
  /** Above 0, at most 1. */
  readonly score: number
  readonly reasons: readonly CandidateReason[]
  readonly status: string
  readonly subject: string | null
  readonly contactName: string | null
  readonly lastActivityAt: Date
}

export interface Question {
  readonly accountId: number
  readonly clues: FilingClues
  /** Of the mails that it answers. */
  readonly threadIds: readonly number[]
  /** For an agent, only conversations that they see. */
  readonly agent?: { readonly userId: number; readonly inboxIds: readonly number[] }
}

const weights: Readonly<Record<CandidateReason['code'], number>> = {
  'same-thread': 0.9,
  'names-conversation': 0.8,
  'names-number': 0.6,
  'same-sender': 0.6,
  'same-subject': 0.5,
  'same-company': 0.3,
}
const maxCandidates = 5

interface Row {
  id: number
  displayId: number
  status: string
  subject: string | null
  contactName: string | null
  lastActivityAt: Date
  isThread: boolean
  isNamed: boolean
  isSender: boolean
  /** Addresses of its contact are of the company. */
  isCompany: boolean
  attributes: string[] | null
}

// The latest of each status; visibility for the agent is checked afterwards.
const latest = (status: string, count: number): string => `(
    select id
    from conversations
    where account_id = $1 and status = '${status}'
    order by last_activity_at desc
    limit ${String(count)}
  )`

const candidatesSql = `
  with sender as (
    select a.contact_id as id
    from contact_addresses a
    where a.account_id = $1 and a.email = $4 and ${isKnown('a')}
  ), known as materialized (
    select coalesce(merged_into_id, id) as id, 'thread' as kind
    from conversations
    where account_id = $1 and id = any($2::int[])
    union all
    select coalesce(merged_into_id, id), 'number'
    from conversations
    where account_id = $1 and display_id = any($3::int[])
    union all
    (
      select coalesce(c.merged_into_id, c.id), 'sender'
      from sender s
      join conversations c on c.contact_id = s.id and c.account_id = $1 and c.status <> 'resolved'
      order by c.last_activity_at desc
      limit 20
    )
    union all
    select id, 'latest' from ${latest('open', 1_000)} l
    union all
    select id, 'latest' from ${latest('pending', 200)} l
    union all
    select id, 'latest' from ${latest('snoozed', 200)} l
    union all
    select id, 'latest' from ${latest('resolved', 400)} l
  ), kinds as (
    select
      id,
      bool_or(kind = 'thread') as is_thread,
      bool_or(kind = 'number') as is_named,
      bool_or(kind = 'sender') as is_sender
    from known
    group by id
  )
  select
    c.id,
    c.display_id as "displayId",
    c.status,
    c.additional_attributes ->> 'mail_subject' as subject,
    k.name as "contactName",
    c.last_activity_at as "lastActivityAt",
    n.is_thread as "isThread",
    n.is_named as "isNamed",
    n.is_sender as "isSender",
    $5::text is not null and (k.email like '%@' || $5 or k.email like '%.' || $5) as "isCompany",
    case when c.custom_attributes <> '{}' then array(
      select lower(value) from jsonb_each_text(c.custom_attributes) where lower(value) = any($6::text[])
    ) end as attributes
  from kinds n
  join conversations c on c.id = n.id
  left join contacts k on k.id = c.contact_id
  where $7::int[] is null or c.inbox_id = any($7) or c.assignee_id = $8`

/** At most five. */
export async function findCandidates(pool: Pool, question: Question): Promise<Candidate[]> {
  const { accountId, clues, threadIds, agent } = question
  const { rows } = await pool.query<Row>(candidatesSql, [
    accountId,
    threadIds,
    clues.displayIds,
    clues.sender ?? '',
    clues.company,
    clues.numbers,
    agent?.inboxIds ?? null,
    agent?.userId ?? null,
  ])
  return rows
    .map((row) => ({ row, reasons: reasonsOf(row, clues) }))
    .filter(({ reasons }) => reasons.length > 0)
    .map(({ row, reasons }) => ({
      displayId: row.displayId,
      score: scoreOf(reasons),
      reasons,
      status: row.status,
      subject: row.subject,
      contactName: row.contactName,
      lastActivityAt: row.lastActivityAt,
    }))
    .sort((one, other) => other.score - one.score || other.lastActivityAt.getTime() - one.lastActivityAt.getTime())
    .slice(0, maxCandidates)
}

function reasonsOf(row: Row, clues: FilingClues): CandidateReason[] {
  const number = numberOf(row, clues.numbers)
  const isSubject = clues.subject !== '' && normaliseSubject(row.subject ?? '') === clues.subject
  const reasons: (CandidateReason | null)[] = [
    row.isThread ? { code: 'same-thread', detail: null } : null,
    row.isNamed ? { code: 'names-conversation', detail: `#${String(row.displayId)}` } : null,
    number === null ? null : { code: 'names-number', detail: number },
    row.isSender ? { code: 'same-sender', detail: clues.sender } : null,
    isSubject ? { code: 'same-subject', detail: row.subject } : null,
    row.isCompany && !row.isSender ? { code: 'same-company', detail: clues.company } : null,
  ]
  return reasons.filter((reason) => reason !== null)
}

// In an attribute of the conversation, or in its subject.
function numberOf({ attributes, subject }: Row, numbers: readonly string[]): string | null {
  const said = subject?.toLowerCase() ?? ''
  return attributes?.[0] ?? numbers.find((number) => said.includes(number)) ?? null
}

// Several reasons confirm each other.
function scoreOf(reasons: readonly CandidateReason[]): number {
  const doubt = reasons.reduce((left, { code }) => left * (1 - weights[code]), 1)
  return Math.round((1 - doubt) * 100) / 100
}

/** The words of the message that a mail became; null when there is none, or it was deleted. */
export async function findStoredWords(pool: Pool, inboundEmailId: number): Promise<string | null> {
  const row = await queryOne<{ content: string | null }>(
    pool,
    `select content
     from messages
     where inbound_email_id = $1 and content_attributes ->> 'deleted' is null`,
    [inboundEmailId],
  )
  return row?.content ?? null
}
