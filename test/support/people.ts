// Rows that tests need beside those of a first start: agents, contacts with a conversation of their own, accounts,
// reply addresses.

import type { Pool } from '../../src/db/pool.ts'
import type { Service } from './service.ts'
import { until } from './until.ts'

type Sql = Pick<Service, 'sql'> | { readonly pool: Pool }

async function run<Row extends Record<string, unknown>>(
  on: Sql,
  text: string,
  values: readonly unknown[],
): Promise<Row[]> {
  return 'pool' in on ? (await on.pool.query<Row>(text, [...values])).rows : on.sql<Row>(text, values)
}

async function insert(on: Sql, text: string, values: readonly unknown[]): Promise<number> {
  return (await run<{ id: number }>(on, `${text} returning id`, values))[0]?.id ?? 0
}

/** An agent, of account 1 by default. */
export async function addAgent(on: Sql, email: string, accountId = 1): Promise<number> {
  const id = await insert(on, `insert into users (name, email, confirmed_at) values ('Gus Agent', $1, now())`, [email])
  await run(on, 'insert into account_users (account_id, user_id) values ($1, $2)', [accountId, id])
  return id
}

/** An account with the feature `inbound_emails`, its own reply domain and an inbox. */
export async function addAccount(
  on: Sql,
  { domain, inboxEmail }: { domain: string; inboxEmail: string },
): Promise<{ accountId: number; inboxId: number }> {
  const accountId = await insert(
    on,
    `insert into accounts (name, domain, features) values ('Other', $1, '{inbound_emails}')`,
    [domain],
  )
  const channelId = await insert(
    on,
    `insert into channels (account_id, channel_type, email) values ($1, 'Channel::Email', $2)`,
    [accountId, inboxEmail],
  )
  const inboxId = await insert(on, 'insert into inboxes (account_id, channel_id, name) values ($1, $2, $3)', [
    accountId,
    channelId,
    'Support',
  ])
  return { accountId, inboxId }
}

/** A contact with a conversation. */
export async function addConversation(
  on: Sql,
  email: string,
  place: { accountId?: number; inboxId?: number; status?: string } = {},
): Promise<{ id: number; displayId: number; contactId: number }> {
  const { accountId = 1, inboxId = 1, status = 'open' } = place
  const contactId = await insert(
    on,
    `insert into contacts (account_id, name, email) values ($1, 'Carla Customer', $2)`,
    [accountId, email],
  )
  const contactInboxId = await insert(
    on,
    'insert into contact_inboxes (contact_id, inbox_id, source_id) values ($1, $2, $3)',
    [contactId, inboxId, email],
  )
  const numbered = await run<{ d: number }>(
    on,
    'update accounts set last_display_id = last_display_id + 1 where id = $1 returning last_display_id as d',
    [accountId],
  )
  const displayId = numbered[0]?.d ?? 0
  const id = await insert(
    on,
    `insert into conversations (account_id, inbox_id, contact_id, contact_inbox_id, display_id, status, recipient_email)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [accountId, inboxId, contactId, contactInboxId, displayId, status, email],
  )
  return { id, displayId, contactId }
}

/** The agent answers through the API; the mail that left for it. */
export async function answerThroughApi(service: Service, displayId: number, content: string, accountId = 1) {
  const written = await service.api(
    'POST',
    `/api/v1/accounts/${String(accountId)}/conversations/${String(displayId)}/messages`,
    { content },
  )
  if (written.status !== 200)
    throw new Error(`the answer was refused: ${String(written.status)} ${written.bytes.toString('utf8')}`)
  const sent = await until('the answer in the outbox', async () =>
    (await service.outbox()).find((file) => file.text.includes(content)),
  )
  return { messageId: Number(written.body.id), sent }
}

/** A conversation of its own, with the reply address that its contact knows from an answer. */
export async function addCorrespondence(
  service: Service,
  email: string,
  place: { accountId?: number; inboxId?: number } = {},
) {
  const conversation = await addConversation(service, email, place)
  const words = `greeting ${Math.random().toString(36).slice(2)}`
  const { messageId, sent } = await answerThroughApi(service, conversation.displayId, words, place.accountId)
  return {
    ...conversation,
    email,
    messageId,
    sent,
    replyAddress: sent.address('Reply-To'),
    bounceAddress: sent.reversePath,
  }
}

/**
 * Counts of every table, for what must write nothing; but of words, of how far they have come, and of bytes stored
 * today, which follow the messages in their own time.
 */
export async function countRows(service: Pick<Service, 'sql'>): Promise<Record<string, number>> {
  const tables = (await tableNames(service)).filter((table) => !['message_words', 'stored_bytes'].includes(table))
  const counts: Record<string, number> = {}
  for (const table of tables)
    counts[table] = Number(
      (
        await service.sql<{ n: number }>(
          `select count(*) as n from "${table}" ${table === 'installation' ? `where name <> 'words_position'` : ''}`,
        )
      )[0]?.n,
    )
  return counts
}

/** Tables with a row that holds `needle`, as text or as bytes. */
export async function findEverywhere(service: Pick<Service, 'sql'>, needle: string): Promise<string[]> {
  const found: string[] = []
  for (const table of await tableNames(service)) {
    const columns = await service.sql<{ column_name: string; data_type: string }>(
      `select column_name, data_type from information_schema.columns where table_schema = 'public' and table_name = $1`,
      [table],
    )
    const conditions = columns.map(({ column_name: name, data_type: type }) =>
      type === 'bytea' ? `position(convert_to($1, 'UTF8') in "${name}") > 0` : `position($1 in "${name}"::text) > 0`,
    )
    const rows = await service.sql(`select 1 from "${table}" where ${conditions.join(' or ')} limit 1`, [needle])
    if (rows.length > 0) found.push(table)
  }
  return found
}

async function tableNames(service: Pick<Service, 'sql'>): Promise<string[]> {
  const rows = await service.sql<{ table_name: string }>(
    `
      select table_name
      from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE'
      order by 1
    `,
  )
  return rows.map(({ table_name }) => table_name)
}
