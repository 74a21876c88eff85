// Gives committed events their position in the one order of delivery, and writes their webhook deliveries in the same
// transaction. One process at a time (an advisory lock): ids become visible in another order than they were taken;
// positions never do.

import { isApiSql, isWidgetSql } from '../contracts/channels.ts'
import { botEvents, ruleEvents, webhookEvents } from '../contracts/event-names.ts'
import { columns } from '../db/columns.ts'
import { inTransaction, type Pool, statement, type Tx } from '../db/pool.ts'
import { enqueue } from '../queue/work.ts'
import { eventColumns, type EventRow } from './event-rows.ts'

/** How many events one transaction announces. */
const announceAtOnce = 1_000

const contactInboxSql = statement(`
  with placed as materialized (
    select id, nextval('event_positions') as position
    from (select id from events where position is null order by id limit $1) unplaced
  )
  update events e set position = p.position from placed p where e.id = p.id returning ${eventColumns}
`)

/** Announces up to `announceAtOnce` events; returns how many, and whether rules or templates have to handle any. */
export async function announce(pool: Pool): Promise<{ readonly count: number; readonly reacts: boolean }> {
  return inTransaction(pool, async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtext('rethread.announce'))`)
    const { rows } = await tx.query<EventRow>(contactInboxSql([announceAtOnce]))
    const events = rows.sort((one, other) => one.position - other.position)
    if (events.length === 0) return { count: 0, reacts: false }
    await writeDeliveries(tx, events)
    const answers = await writeAnswers(tx, events)
    return { count: events.length, reacts: (await writeReactions(tx, events)) || answers }
  })
}

interface Subscriber {
  readonly id: string
  readonly accountId: number
  /** Null = of all the account's inboxes, and of what belongs to none. */
  readonly inboxId: number | null
  readonly subscriptions: readonly string[]
  /** Only of this conversation; null = of any. */
  readonly conversationId: number | null
}

// An Api inbox receives all events at its own address. A bot receives the events of conversations in its inboxes, and
// of those assigned to it; an installation bot is a separate subscriber in each account. A disabled subscriber with a
// new address starts anew.
const subscribersSql = statement(`
    select
      t.id,
      t.account_id as "accountId",
      t.inbox_id as "inboxId",
      t.subscriptions,
      t.conversation_id as "conversationId"
    from (
      select
        'webhook:' || w.id as id,
        w.account_id,
        w.inbox_id,
        null::int as conversation_id,
        w.subscriptions,
        w.url
      from webhooks w
      where w.account_id = any($1)
      union all
      select 'inbox:' || i.id, i.account_id, i.id, null, $3::text[], ch.webhook_url
      from inboxes i
      join channels ch on ch.id = i.channel_id
      where i.account_id = any($1) and ${isApiSql} and ch.webhook_url <> ''
      union all
      select
        'agent_bot:' || b.id || case when b.account_id is null then ':' || i.account_id else '' end,
        i.account_id,
        i.id,
        null,
        $4::text[],
        b.outgoing_url
      from inboxes i
      join agent_bots b on b.id = i.agent_bot_id
      where i.account_id = any($1) and b.outgoing_url <> ''
      union all
      select
        'agent_bot:' || b.id || case when b.account_id is null then ':' || c.account_id else '' end,
        c.account_id,
        c.inbox_id,
        c.id,
        $4::text[],
        b.outgoing_url
      from conversations c
      join agent_bots b on b.id = c.assignee_agent_bot_id
      where c.id = any($2) and b.outgoing_url <> ''
    ) t
    left join webhook_subscribers s on s.id = t.id
    where s.disabled_at is null or s.url is distinct from t.url
    order by t.id
  `)

async function writeDeliveries(tx: Tx, events: readonly EventRow[]): Promise<void> {
  const conversationIds = events.flatMap(({ conversationId }) => conversationId ?? [])
  const { rows: subscribers } = await tx.query<Subscriber>(
    subscribersSql([
      [...new Set(events.map(({ accountId }) => accountId))],
      [...new Set(conversationIds)],
      webhookEvents,
      botEvents,
    ]),
  )
  if (subscribers.length === 0) return
  const announced = await withoutActivity(tx, events)
  const pairs = announced.flatMap((event) => {
    const ids = new Set<string>()
    return subscribers
      .filter((subscriber) => isFor(subscriber, event) && ids.size < ids.add(subscriber.id).size)
      .map((subscriber) => ({ event, subscriber }))
  })
  if (pairs.length > 0) await insertDeliveries(tx, pairs)
}

function isFor(subscriber: Subscriber, event: EventRow): boolean {
  if (subscriber.accountId !== event.accountId || (subscriber.inboxId !== null && subscriber.inboxId !== event.inboxId))
    return false
  if (subscriber.conversationId !== null && subscriber.conversationId !== event.conversationId) return false
  return subscriber.subscriptions.includes(event.name)
}

// Chatwoot does not send activity messages ("assigned to …"), but sends private notes.
async function withoutActivity(tx: Tx, events: readonly EventRow[]): Promise<EventRow[]> {
  const ids = events.flatMap(({ messageId }) => (messageId === null ? [] : [messageId]))
  const { rows } = await tx.query<{ id: number }>(
    `select id from messages where id = any($1) and message_type = 'activity'`,
    [ids],
  )
  const activity = new Set(rows.map(({ id }) => id))
  return events.filter(({ messageId }) => messageId === null || !activity.has(messageId))
}

interface Pair {
  readonly event: EventRow
  readonly subscriber: Subscriber
}

const newSubscribers = columns({ id: 'text', account_id: 'int' })

const insertSubscribersSql = `
  insert into webhook_subscribers (id, account_id)
  select id, account_id
  from ${newSubscribers.from('n')}
  on conflict do nothing
`

const newDeliveries = columns({
  account_id: 'int',
  subscriber: 'text',
  event: 'text',
  event_position: 'bigint',
  key: 'text',
  message_id: 'int',
})

const insertDeliveriesSql = `
  insert into webhook_deliveries (account_id, subscriber, event, position, key, message_id, give_up_at)
  select
    n.account_id,
    n.subscriber,
    n.event,
    n.event_position,
    n.key,
    n.message_id,
    now() + case when n.subscriber like 'agent_bot:%' then interval '5 minutes' else interval '24 hours' end
  from ${newDeliveries.from('n', { ordinality: 'ordinal' })}
  order by n.ordinal
`

async function insertDeliveries(tx: Tx, pairs: readonly Pair[]): Promise<void> {
  const unique = [...new Map(pairs.map(({ subscriber }) => [subscriber.id, subscriber.accountId])).entries()]
  const subscriberRows = unique.map(([id, accountId]) => ({ id, account_id: accountId }))
  await tx.query(insertSubscribersSql, newSubscribers.values(subscriberRows))
  const deliveryRows = pairs.map(({ event, subscriber }) => ({
    account_id: event.accountId,
    subscriber: subscriber.id,
    event: event.name,
    event_position: event.position,
    key: orderKey(event),
    message_id: event.messageId,
  }))
  await tx.query(insertDeliveriesSql, newDeliveries.values(deliveryRows))
}

// Messages of contacts in inboxes with automatic messages: handled before rules, so that a greeting comes first.
async function writeAnswers(tx: Tx, events: readonly EventRow[]): Promise<boolean> {
  const ids = events.flatMap(({ name, messageId }) =>
    name === 'message_created' && messageId !== null ? [messageId] : [],
  )
  if (ids.length === 0) return false
  const { rowCount } = await tx.query(
    `
      insert into work (kind, key, payload, run_at)
      select
        'answer-by-template',
        'automation:' || m.conversation_id,
        jsonb_build_object('conversationId', m.conversation_id, 'messageId', m.id),
        now()
      from messages m
      join inboxes i on i.id = m.inbox_id
      join channels ch on ch.id = i.channel_id
      where m.id = any($1)
        and m.message_type = 'incoming'
        and (
          i.greeting_enabled
            or i.working_hours_enabled
            or (i.enable_email_collect and ${isWidgetSql})
        )
      order by m.id
    `,
    [ids],
  )
  return (rowCount ?? 0) > 0
}

// Changes made by an automation trigger no other, so there are no loops. In order within a conversation.
async function writeReactions(tx: Tx, events: readonly EventRow[]): Promise<boolean> {
  const candidates = events.filter(
    ({ name, performer, conversationId }) =>
      conversationId !== null && ruleEvents.includes(name) && performer?.startsWith('automation_rule:') !== true,
  )
  if (candidates.length === 0) return false
  const { rows } = await tx.query<{ account_id: number; event_name: string }>(
    'select distinct account_id, event_name from automation_rules where active and account_id = any($1)',
    [[...new Set(candidates.map(({ accountId }) => accountId))]],
  )
  const due = candidates.filter(({ accountId, name }) =>
    rows.some((row) => row.account_id === accountId && row.event_name === name),
  )
  await enqueue(
    tx,
    due.map(({ accountId, position, conversationId }) => ({
      kind: 'react',
      key: `automation:${String(conversationId)}`,
      payload: { accountId, position },
    })),
  )
  return due.length > 0
}

// Ordering key: events of one conversation, contact or inbox never overtake each other.
function orderKey({ conversationId, contactId, inboxId }: EventRow): string {
  if (conversationId !== null) return `conversation:${String(conversationId)}`
  return contactId === null ? `inbox:${String(inboxId ?? 0)}` : `contact:${String(contactId)}`
}
