// Finalises a mail in the transaction of its effects (state S4 in docs/develop/architecture.md): status, reason, trace
// and destination.

import type { LearnedRecipient } from '../contracts/decision.ts'
import type { StoredTraceEntry } from '../contracts/trace.ts'
import { columns } from '../db/columns.ts'
import { toJsonb, toSearchedText, toTextOrNull } from '../db/json.ts'
import { statement, type Tx } from '../db/pool.ts'
import { boundSubject } from '../mail/bounds.ts'
import type { ParsedMail } from '../mail/parsed-mail.ts'
import { maskReplyAddresses } from '../mail/reply-address.ts'

/** The outcome of a routed mail. */
export interface Outcome {
  readonly id: number
  readonly status: 'delivered' | 'held' | 'ignored'
  readonly reason: string
  readonly trace: readonly StoredTraceEntry[]
  readonly learned: readonly LearnedRecipient[]
  readonly accountId: number | null
  readonly mail: ParsedMail
  /** The conversation and inbox that the mail names, if it was not delivered. */
  readonly named?: { readonly conversationId: number | null; readonly inboxId: number | null }
  /** When it was taken up, read and judged, in ms since 1970. */
  readonly times?: Readonly<Record<string, number>>
  /** Held mails of the same author that this one replaces: their reports about commands are answered. */
  readonly corrects?: readonly number[]
  /** Envelope recipients with another destination: each group becomes a row of its own on the same raw bytes. */
  readonly siblings: readonly (readonly string[])[]
}

interface Appended {
  readonly inboundEmailId: number
  readonly conversationId: number | null
  readonly messageId: number | null
}

/** The two halves that the ledger calls: lock first, settle last. */
export function createSettlement(outcomes: readonly Outcome[]) {
  const byId = new Map(outcomes.map((outcome) => [outcome.id, outcome]))
  return {
    lock: async (tx: Tx, ids: readonly number[]): Promise<ReadonlySet<number>> => {
      const { rows } = await tx.query<{ id: number }>(lockSql([ids]))
      return new Set(rows.map((row) => row.id))
    },
    settle: async (tx: Tx, appended: readonly Appended[]): Promise<void> => {
      const settled = appended.flatMap((result) => {
        const outcome = byId.get(result.inboundEmailId)
        return outcome === undefined ? [] : [{ outcome, result }]
      })
      if (settled.length === 0) return
      await update(tx, settled)
      for (const { outcome } of settled) {
        await insertSiblings(tx, outcome)
        await discardCorrected(tx, outcome)
      }
    },
  }
}

const lockSql = statement(
  `select id from inbound_emails where id = any($1) and status in ('pending', 'processing') order by id for update`,
)

const settledMails = columns({
  id: 'bigint',
  status: 'text',
  reason: 'text',
  trace: 'jsonb',
  learned: 'jsonb',
  account_id: 'int',
  conversation_id: 'int',
  message_db_id: 'int',
  message_id: 'text',
  from_address: 'text',
  subject: 'text',
  degraded: 'text',
  named_id: 'int',
  inbox_id: 'int',
  times: 'jsonb',
})

const settleSql = statement(`
    update inbound_emails i
    set
      status = s.status::inbound_status,
      reason = s.reason,
      trace = s.trace,
      learned = s.learned,
      account_id = s.account_id,
      conversation_id = s.conversation_id,
      message_db_id = s.message_db_id,
      message_id = s.message_id,
      from_address = s.from_address,
      subject = s.subject,
      degraded = s.degraded,
      last_error = null,
      attempts = greatest(attempts, 1),
      settled_at = now(),
      former = null,
      times = s.times,
      inbox_id = coalesce(
        (select c.inbox_id from conversations c where c.id = s.named_id), s.inbox_id, i.inbox_id
      )
    from ${settledMails.from('s')}
    where i.id = s.id
  `)

async function update(tx: Tx, settled: readonly { outcome: Outcome; result: Appended }[]): Promise<void> {
  const rows = settled.map(({ outcome, result }) => ({
    id: outcome.id,
    status: outcome.status,
    reason: outcome.reason,
    trace: toJsonb(outcome.trace),
    learned: toJsonb(outcome.learned),
    account_id: outcome.accountId,
    conversation_id: result.conversationId,
    message_db_id: result.messageId,
    message_id: toTextOrNull(outcome.mail.messageId),
    from_address: toTextOrNull(outcome.mail.from?.address ?? null),
    subject: toSearchedText(maskReplyAddresses(boundSubject(outcome.mail.subject))),
    degraded: toTextOrNull(outcome.mail.degraded),
    named_id: isDelivered(outcome) ? null : (outcome.named?.conversationId ?? null),
    inbox_id: outcome.named?.inboxId ?? null,
    times: outcome.times === undefined ? null : toJsonb(outcome.times),
  }))
  await tx.query(settleSql(settledMails.values(rows)))
}

// Derived from its conversation. A filing by hand may be undone.
function isDelivered({ status, reason }: Outcome): boolean {
  return status === 'delivered' && !reason.endsWith('-by-hand')
}

async function insertSiblings(tx: Tx, outcome: Outcome): Promise<void> {
  for (const recipients of outcome.siblings) {
    await tx.query(
      `
        insert into inbound_emails (
          idempotency_key,
          raw_id,
          parent_id,
          ingress,
          reverse_path,
          recipients,
          peer,
          size,
          message_id,
          content_key,
          received_at
        )
        select
          sha256(idempotency_key || convert_to($2, 'UTF8')),
          raw_id,
          coalesce(parent_id, id),
          ingress,
          reverse_path,
          $3,
          peer,
          size,
          message_id,
          content_key,
          received_at
        from inbound_emails
        where id = $1
        on conflict (idempotency_key) do nothing
      `,
      [outcome.id, recipients.join('\n').toLowerCase(), recipients],
    )
  }
}

// Else the customer would get both when the held one is replayed. A person can take it back.
async function discardCorrected(tx: Tx, { id, accountId, mail, corrects = [] }: Outcome): Promise<void> {
  if (corrects.length === 0) return
  await tx.query(
    `update inbound_emails
     set
       former = jsonb_build_object('status', status, 'reason', reason),
       status = 'ignored',
       reason = 'discarded',
       trace = trace || $4::jsonb
     where id = any($1)
       and status = 'held'
       and reason = 'command-not-understood'
       and account_id = $2
       and lower(from_address) = lower($3)`,
    [
      corrects,
      accountId,
      mail.from?.address ?? '',
      toJsonb([
        {
          step: 'decision',
          outcome: 'discarded',
          detail: `its author sent it again, corrected: inbound email ${String(id)}`,
        },
      ]),
    ],
  )
}
