// The health of the installation's webhooks, for doctor.

import { queryOne, type Sql } from '../../db/pool.ts'

export interface WebhookHealth {
  readonly disabled: number
  readonly failing: number
  readonly waiting: number
  /** Of the one that fails longest: its address, since when in seconds, and why; null for none. */
  readonly worst: { readonly url: string; readonly seconds: number; readonly error: string } | null
}

/** Webhooks that still have the failing address. */
export async function readWebhookHealth(sql: Sql): Promise<WebhookHealth> {
  const row = await queryOne<WebhookHealth>(
    sql,
    `
      with known as (
        select s.id, s.url, s.disabled_at, s.failing_since, s.last_error
        from webhook_subscribers s
        where exists (select 1 from webhooks w where s.id = 'webhook:' || w.id and w.url = s.url)
          or exists (
            select 1
            from channels ch
            join inboxes i on i.channel_id = ch.id
            where s.id = 'inbox:' || i.id and ch.webhook_url = s.url
          )
          or exists (
            select 1
            from agent_bots b
            where s.id like 'agent_bot:%' and split_part(s.id, ':', 2) = b.id::text and b.outgoing_url = s.url
          )
      )
      select
        count(*) filter (where disabled_at is not null) as disabled,
        count(*) filter (where disabled_at is null and failing_since is not null) as failing,
        (select count(*) from webhook_deliveries where finished_at is null) as waiting,
        (
          select
            jsonb_build_object(
              'url',
              url,
              'seconds',
              extract(epoch from now() - failing_since)::int,
              'error',
              coalesce(last_error, 'no answer')
            )
          from known
          where failing_since is not null
          order by failing_since
          limit 1
        ) as worst
      from known
    `,
  )
  return row ?? { disabled: 0, failing: 0, waiting: 0, worst: null }
}
