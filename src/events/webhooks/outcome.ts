// Records the outcome of an attempt: its entry in the log of the delivery, the time of the next one, and the
// subscriber's health.

import { toText, toTextOrNull } from '../../db/json.ts'
import { inTransaction, type Pool, queryOne, type Tx } from '../../db/pool.ts'
import { enqueue } from '../../queue/work.ts'
import { type Delivery, patienceHours } from './queue.ts'

export interface Attempt {
  /** Null: no answer. */
  readonly status: number | null
  readonly excerpt: string | null
  readonly error: string | null
  readonly durationMs: number
  /** The delay that the receiver asks for, in seconds. */
  readonly retryAfter: number | null
  /** The server is unreachable, or asks for less: the whole subscriber pauses. */
  readonly rests: boolean
}

/** The outcome. `given-up`: the delivery has failed for good; `disabled`: its subscriber has. */
export type Outcome = 'delivered' | 'retry' | 'given-up' | 'disabled'

const longestMs = 3_600_000
// A contact waits for the answer of a bot.
const longestForBotsMs = 60_000
const isBot = (subscriber: string): boolean => subscriber.startsWith('agent_bot:')

/** When a delivery that has failed this often is tried again, in ms: 15 s, 30 s, … at most an hour, for a day. */
function webhookBackOffMs(attempts: number): number {
  return Math.min(15_000 * 2 ** (attempts - 1), longestMs)
}

/** One attempt with all that it is about. */
export interface FinishedAttempt {
  readonly delivery: Delivery
  readonly attempt: Attempt
  readonly subscriber: { readonly id: string; readonly url: string }
}

/** Records the attempt, in one transaction. */
export async function settleAttempt(pool: Pool, finished: FinishedAttempt): Promise<Outcome> {
  const { delivery, attempt } = finished
  return inTransaction(pool, async (tx) => {
    await tx.query(
      `
        insert into webhook_attempts (delivery_id, response_code, excerpt, error, duration_ms)
        values ($1, $2, $3, $4, $5)
      `,
      [delivery.id, attempt.status, toTextOrNull(attempt.excerpt), toTextOrNull(attempt.error), attempt.durationMs],
    )
    await tx.query('update webhook_deliveries set attempts = attempts + 1 where id = $1', [delivery.id])
    if (attempt.error === null) return succeed(tx, finished)
    const state = await noteFailure(tx, finished)
    if (state?.failing === true && !isBot(finished.subscriber.id))
      return disable(tx, finished, `Nothing has arrived since ${state.since.toISOString()}: ${attempt.error}`)
    return postpone(tx, finished, state?.failures ?? 1)
  })
}

async function succeed(tx: Tx, { delivery, subscriber }: FinishedAttempt): Promise<Outcome> {
  await tx.query(`update webhook_deliveries set state = 'delivered', finished_at = now() where id = $1`, [delivery.id])
  await tx.query(
    `
      update webhook_subscribers
      set
        url = $2,
        failures = 0,
        failing_since = null,
        last_error = null,
        disabled_at = null,
        disabled_reason = null
      where id = $1 and (failing_since is not null or disabled_at is not null or url is distinct from $2)
    `,
    [subscriber.id, subscriber.url],
  )
  return 'delivered'
}

interface State {
  /** Consecutive rounds without an answer; simultaneous failures count as one. */
  readonly failures: number
  readonly failing: boolean
  readonly since: Date
}

function noteFailure(tx: Tx, { attempt, subscriber }: FinishedAttempt): Promise<State | null> {
  return queryOne<State>(
    tx,
    `
      update webhook_subscribers
      set
        last_error = $3,
        url = $2,
        failures = case
          when url is distinct from $2 then 1
          when resume_at > now() then failures
          else failures + 1
        end,
        failing_since = case when url is distinct from $2 then now() else coalesce(failing_since, now()) end
      where id = $1
      returning failures, failing_since as since, failing_since <= now() - $4 * interval '1 hour' as failing
    `,
    [subscriber.id, subscriber.url, toText((attempt.error ?? '').slice(0, 1_000)), patienceHours],
  )
}

async function postpone(
  tx: Tx,
  { delivery, attempt, subscriber }: FinishedAttempt,
  failures: number,
): Promise<Outcome> {
  const { rests } = attempt
  const delayMs = Math.min(
    Math.max(webhookBackOffMs(rests ? failures : delivery.attempts + 1), (attempt.retryAfter ?? 0) * 1_000),
    isBot(subscriber.id) ? longestForBotsMs : longestMs,
  )
  if (rests)
    await tx.query(
      `update webhook_subscribers set resume_at = greatest(resume_at, now() + $2 * interval '1 ms') where id = $1`,
      [subscriber.id, delayMs],
    )
  const row = await queryOne<{ state: string }>(
    tx,
    `
      update webhook_deliveries
      set
        run_at = now() + $2 * interval '1 ms',
        state = case when now() + $2 * interval '1 ms' > give_up_at then 'failed' else 'pending' end,
        finished_at = case when now() + $2 * interval '1 ms' > give_up_at then now() end
      where id = $1
      returning state
    `,
    [delivery.id, delayMs],
  )
  if (row?.state !== 'failed') return 'retry'
  await notifyFailure(tx, subscriber.id, attempt.error ?? '')
  if (isBot(subscriber.id)) await handOff(tx, delivery, subscriber.id)
  return 'given-up'
}

// All waiting deliveries fail with it; later events make no deliveries for it (events/announce).
async function disable(tx: Tx, { subscriber }: FinishedAttempt, reason: string): Promise<Outcome> {
  await tx.query(
    `update webhook_deliveries set state = 'failed', finished_at = now() where subscriber = $1 and finished_at is null`,
    [subscriber.id],
  )
  await tx.query('update webhook_subscribers set disabled_at = now(), disabled_reason = $2 where id = $1', [
    subscriber.id,
    toText(reason.slice(0, 1_200)),
  ])
  await notifyFailure(tx, subscriber.id, reason)
  return 'disabled'
}

// An Api inbox sends through its webhook: a message that was not delivered there was not sent.
async function notifyFailure(tx: Tx, subscriber: string, error: string): Promise<void> {
  if (!subscriber.startsWith('inbox:')) return
  await tx.query(
    `
      update messages m
      set
        updated_at = now(),
        status = 'failed',
        content_attributes = content_attributes || jsonb_build_object('external_error', $2::text)
      from webhook_deliveries d
      where d.subscriber = $1
        and d.state = 'failed'
        and d.finished_at = now()::timestamptz(3)
        and d.event = 'message_created'
        and m.id = d.message_id
        and m.message_type in ('outgoing', 'template')
        and not m.private
    `,
    [subscriber, toText(error.slice(0, 1_000))],
  )
}

// A disabled bot does not answer, so its pending conversations are opened for agents.
async function handOff(tx: Tx, { key }: Delivery, subscriber: string): Promise<void> {
  const [kind, id] = key.split(':')
  if (kind === 'conversation')
    await enqueue(tx, [
      {
        kind: 'hand-off',
        key: null,
        payload: { conversationId: Number(id), agentBotId: Number(subscriber.split(':')[1]) },
      },
    ])
}
