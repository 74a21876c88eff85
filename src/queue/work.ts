// Outgoing and timed work as rows of one table, written in the transaction that causes it (state S4) and taken with a
// lease. Rows of one key leave in order; a worker whose lease ran out changes nothing (the fence is `attempts`).

import type { CommandReport } from '../contracts/agent-commands.ts'
import type { CanaryAlert } from '../contracts/canary.ts'
import { columns } from '../db/columns.ts'
import { toJsonb, toText } from '../db/json.ts'
import type { Sql } from '../db/pool.ts'

/** Kinds of work, each with its payload. */
export interface WorkPayloads {
  'send-reply': { readonly messageId: number }
  'send-continuity': { readonly conversationId: number }
  /** An agent's answer by mail waits: the agent gets a link that stops it. */
  'notify-undo': { readonly messageId: number; readonly userId: number }
  'notify-agent': {
    readonly messageId: number
    readonly userId: number
    /** The agent watches the inbox, and neither has the conversation nor takes part in it. */
    readonly isWatched?: boolean
    /** The message is a private note that mentions the agent. */
    readonly isMention?: boolean
  }
  /** An agent was given a conversation. */
  'notify-assignee': {
    readonly conversationId: number
    readonly userId: number
    /** The assigning user; null for automatic assignment. */
    readonly by: string | null
    /** Nothing is sent if the agent was mailed the same message within this time; 0: it is always sent. */
    readonly quietMs: number
    /** Makes the Message-ID. */ readonly token: string
  }
  /** A message of which no assignee or participant is notified: the watchers of the inbox are. */
  'notify-watchers': { readonly conversationId: number; readonly messageId: number }
  /** An agent's answer is held. */
  'notify-held': { readonly inboundEmailId: number; readonly conversationId: number | null }
  /** The commands of an agent's mail are not understood, and it is held. */
  'notify-commands': CommandReport & { readonly inboundEmailId: number }
  /** The digest of held mail for members of an account; the day makes its Message-IDs. */
  'notify-held-digest': { readonly accountId: number; readonly day: string }
  'assign-conversation': { readonly conversationId: number }
  'assign-waiting': { readonly inboxId: number }
  'send-transcript': {
    readonly conversationId: number
    readonly email: string
    /** Makes the Message-ID. */ readonly token: string
  }
  'detect-language': { readonly messageId: number }
  /** A bot's server does not answer: agents take over. */
  'hand-off': { readonly conversationId: number; readonly agentBotId: number }
  /** Automation rules examine an event. */
  react: { readonly accountId: number; readonly position: number }
  /** An inbox's own answers to a message. */
  'answer-by-template': { readonly conversationId: number; readonly messageId: number }
  'notify-team': {
    readonly conversationId: number
    readonly userId: number
    readonly message: string
    /** Makes the Message-ID. */ readonly token: string
  }
  /** A one-time link by mail; it is made when the mail leaves. */
  'send-link': {
    readonly purpose: 'confirm-user-email' | 'accept-invitation'
    readonly subjectId: number
    readonly email: string
    readonly accountId: number | null
  }
  /** A sign-in link for the owner of the address; the same row is written for an unknown address. */
  'send-login-link': { readonly email: string }
  /** A code to the address of an inbox, which is to be confirmed; it is made when the mail leaves. */
  'send-address-code': { readonly inboxId: number; readonly email: string }
  'send-canary': { readonly canaryId: string }
  /** An alarm of the installation to one of its administrators. */
  'notify-alert': { readonly alert: CanaryAlert; readonly email: string }
  /** The same to ALERT_WEBHOOK_URL. */
  'post-alert': { readonly alert: CanaryAlert }
  'fetch-mail': { readonly inboundEmailId: number }
  'import-contacts': { readonly transferId: number }
  'export-contacts': { readonly transferId: number }
  'notify-transfer': { readonly transferId: number }
  /** A contact was deleted: files that may name them are deleted. */
  'forget-transfers': { readonly accountId: number }
  'erase-mail': {
    readonly accountId: number
    readonly inboundEmailIds: readonly number[]
    readonly addresses: readonly string[]
  }
}
export type WorkKind = keyof WorkPayloads

// Rows that an earlier version queued under another name run as the kind of today.
const renamedKinds: Readonly<Record<string, WorkKind | undefined>> = {
  'tell-watchers': 'notify-watchers',
  'tell-held': 'notify-held',
  'tell-held-digest': 'notify-held-digest',
  'tell-team': 'notify-team',
  'tell-transfer': 'notify-transfer',
}

export interface NewWork<Kind extends WorkKind = WorkKind> {
  readonly kind: Kind
  readonly payload: WorkPayloads[Kind]
  /** Rows with the same key run one after another, in order; null = no order. */
  readonly key: string | null
  /** Not before this long from now; default: at once. */
  readonly delayMs?: number
}

export interface WorkRow {
  readonly id: number
  readonly kind: string
  readonly key: string | null
  readonly payload: unknown
  /** Counts this attempt. */
  readonly attempts: number
}

const newWork = columns({ kind: 'text', key: 'text', payload: 'jsonb', delay: 'float8' })

const enqueueSql = `
  insert into work (kind, key, payload, run_at)
  select kind, key, payload, now() + delay * interval '1 ms'
  from ${newWork.from('w')}
`

/** Notices to one agent about one conversation leave one after another. Never throws. */
export function agentKey(userId: number, conversationId: number): string {
  return `agent:${String(userId)}:${String(conversationId)}`
}

/** Writes work in the caller's transaction. */
export async function enqueue(tx: Sql, work: readonly NewWork[]): Promise<void> {
  if (work.length === 0) return
  const rows = work.map(({ kind, key, payload, delayMs = 0 }) => ({
    kind,
    key,
    payload: toJsonb(payload),
    delay: delayMs,
  }))
  await tx.query(enqueueSql, newWork.values(rows))
}

/** Some kinds of work, or all but some: kinds that wait long for other servers have slots of their own. */
export interface Lane {
  readonly only?: readonly WorkKind[]
  readonly except?: readonly WorkKind[]
}

/** Takes up to `limit` rows that are due, each for `leaseMs`. Two processes never hold the same row at once. */
export async function claimWork(
  sql: Sql,
  limit: number,
  { leaseMs, lane = {} }: { readonly leaseMs: number; readonly lane?: Lane },
): Promise<WorkRow[]> {
  const { rows } = await sql.query<WorkRow>(
    `
      update work
      set attempts = attempts + 1, run_at = now() + $2 * interval '1 ms', owner = default
      where id in (
        select id
        from work w
        where failed_at is null
          and run_at <= now()
          and ($3::text[] is null or kind = any($3))
          and ($4::text[] is null or kind <> all($4))
          and (
            key is null
              or not exists (select 1 from work o where o.key = w.key and o.failed_at is null and o.id < w.id)
          )
        order by run_at
        limit $1
        for update skip locked
      )
      returning id, kind, key, payload, attempts
    `,
    [limit, leaseMs, lane.only ?? null, lane.except ?? null],
  )
  return rows.map((row) => ({ ...row, kind: renamedKinds[row.kind] ?? row.kind }))
}

/** Deletes the row of finished work. Nothing happens when the lease was lost. */
export async function finishWork(sql: Sql, row: WorkRow): Promise<void> {
  await sql.query('delete from work where id = $1 and attempts = $2', [row.id, row.attempts])
}

/**
 * Tries again after `delayMs`, or never when it is null: then the row stays, with its last error, for people to see.
 */
export async function retryWork(
  sql: Sql,
  row: WorkRow,
  outcome: { error: string; delayMs: number | null },
): Promise<void> {
  await sql.query(
    `update work set last_error = left($3, 2000), owner = null, failed_at = case when $4::float8 is null then now() end,
       run_at = case when $4::float8 is null then run_at else now() + $4 * interval '1 ms' end
     where id = $1 and attempts = $2`,
    [row.id, row.attempts, toText(outcome.error), outcome.delayMs],
  )
}
