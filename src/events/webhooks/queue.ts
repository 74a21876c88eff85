// The deliveries of subscribers as a queue (docs/adr/0013-events.md). One process at a time has a subscriber, by a
// lease; within it, deliveries of one conversation go in order, all others side by side. A subscriber whose server does
// not answer pauses as a whole; one that refuses one delivery receives the others. The `work` table is not used, so a
// dead subscriber delays nothing else.

import type { Sql } from '../../db/pool.ts'

export interface Delivery {
  readonly id: number
  readonly uuid: string
  readonly accountId: number
  readonly event: string
  readonly position: number
  readonly key: string
  readonly messageId: number | null
  readonly body: string | null
  readonly attempts: number
}

/** How long a subscriber is one process's; renewed with every round. */
const leaseMs = 60_000
/** After that long without a success, a subscriber is given up. */
export const patienceHours = 24

/** Subscribers with something due, up to `limit`, for this process. */
export async function claimSubscribers(sql: Sql, limit: number): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>(
    `
      update webhook_subscribers
      set
        lease_until = now() + $2 * interval '1 ms',
        owner = nullif(current_setting('rethread.owner', true), '')::int
      where id in (
        select id
        from webhook_subscribers s
        where resume_at <= now()
          and (lease_until is null or lease_until < now())
          and exists (
            select 1
            from webhook_deliveries d
            where d.subscriber = s.id and d.finished_at is null and d.run_at <= now()
          )
        order by resume_at
        limit $1
        for update skip locked
      )
      returning id
    `,
    [limit, leaseMs],
  )
  return rows.map(({ id }) => id)
}

/** Keeps the subscriber; false when another process has it. */
export async function keepSubscriber(sql: Sql, subscriber: string): Promise<boolean> {
  const { rowCount } = await sql.query(
    `
      update webhook_subscribers
      set lease_until = now() + $2 * interval '1 ms'
      where id = $1 and owner is not distinct from nullif(current_setting('rethread.owner', true), '')::int
    `,
    [subscriber, leaseMs],
  )
  return rowCount === 1
}

export async function releaseSubscriber(sql: Sql, subscriber: string): Promise<void> {
  await sql.query(
    `
      update webhook_subscribers
      set lease_until = null, owner = null
      where id = $1 and owner is not distinct from nullif(current_setting('rethread.owner', true), '')::int
    `,
    [subscriber],
  )
}

const columns =
  'd.id, d.uuid, d.account_id as "accountId", d.event, d.position, d.key, d.message_id as "messageId", ' +
  'd.body, d.attempts'

/** The deliveries that may be sent now, the first of each key. */
export async function readDue(sql: Sql, subscriber: string, limit: number): Promise<Delivery[]> {
  const { rows } = await sql.query<Delivery>(
    `
      select ${columns}
      from webhook_deliveries d
      where d.subscriber = $1
        and d.finished_at is null
        and d.run_at <= now()
        and not exists (
          select 1
          from webhook_deliveries o
          where o.subscriber = $1 and o.key = d.key and o.finished_at is null and o.id < d.id
        )
      order by d.run_at, d.id
      limit $2
    `,
    [subscriber, limit],
  )
  return rows
}

/** Deliveries behind the first of their key are read again when that one is due. */
export async function postponeFollowers(sql: Sql, subscriber: string): Promise<void> {
  await sql.query(
    `
      update webhook_deliveries d
      set run_at = h.run_at
      from (
        select distinct on (o.key) o.key, o.run_at
        from webhook_deliveries o
        where o.subscriber = $1 and o.finished_at is null
        order by o.key, o.id
      ) h
      where d.subscriber = $1
        and d.finished_at is null
        and d.run_at <= now()
        and h.key = d.key
        and h.run_at > now()
    `,
    [subscriber],
  )
}

export async function keepBody(sql: Sql, deliveryId: number, body: string): Promise<void> {
  await sql.query('update webhook_deliveries set body = $2 where id = $1', [deliveryId, body])
}

/** Nothing to send: the subject of the event is gone. */
export async function skip(sql: Sql, deliveryId: number): Promise<void> {
  await sql.query(`update webhook_deliveries set state = 'skipped', finished_at = now() where id = $1`, [deliveryId])
}
