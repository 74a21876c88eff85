// An empty database gets an account to try out: one with `inbound_emails`, an administrator, an email inbox and one
// open conversation.

import { createHash } from 'node:crypto'

import { emailChannel } from '../../contracts/channels.ts'
import { inTransaction, type Pool, queryOne, type Sql, type Tx } from '../../db/pool.ts'
import { receivesMail } from '../../db/rules.ts'
import type { TokenTarget } from '../reply-tokens.ts'

export interface Welcome {
  readonly accountId: number
  readonly conversationDisplayId: number
  readonly contactEmail: string
  readonly inboxId: number
  readonly inboxEmail: string
  /** The contact for whom a reply token is to be made. */
  readonly tokenTarget: TokenTarget
}

/** Features of a new account, under Chatwoot's names. */
export const defaultFeatures = ['inbound_emails', 'channel_email', 'email_continuity_on_api_channel']

/** Makes the first account, once per database however many processes start; null when it is there already. */
export async function makeFirstAccount(pool: Pool, domain: string): Promise<Welcome | null> {
  return inTransaction(pool, async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtext('rethread.first-start'))`)
    const known = await queryOne(tx, 'select 1 from accounts limit 1')
    return known === null ? create(tx, domain) : null
  })
}

async function create(tx: Tx, domain: string): Promise<Welcome> {
  const contactEmail = 'jane@example.com'
  const inboxEmail = `support@${domain}`
  const accountId = await insert(
    tx,
    `insert into accounts (name, features, last_display_id) values ('Acme', $1, 1) returning id`,
    [defaultFeatures],
  )
  // Offline: no conversation is assigned to the first user until they set themselves online.
  const userId = await insert(
    tx,
    `
      insert into users (name, email, type, confirmed_at)
      values ('Administrator', $1, 'SuperAdmin', now())
      returning id
    `,
    // The user sets an address later; the placeholder cannot exist (RFC 2606 §2).
    ['admin@rethread.invalid'],
  )
  await tx.query(
    `insert into account_users (account_id, user_id, role, availability) values ($1, $2, 'administrator', 'offline')`,
    [accountId, userId],
  )
  const channelId = await insert(
    tx,
    `insert into channels (account_id, channel_type, email) values ($1, $3, $2) returning id`,
    [accountId, inboxEmail, emailChannel],
  )
  const inboxId = await insert(
    tx,
    `insert into inboxes (account_id, channel_id, name) values ($1, $2, 'Support') returning id`,
    [accountId, channelId],
  )
  await tx.query('insert into inbox_members (inbox_id, user_id) values ($1, $2)', [inboxId, userId])
  const contactId = await insert(
    tx,
    `insert into contacts (account_id, name, email) values ($1, 'Jane Doe', $2) returning id`,
    [accountId, contactEmail],
  )
  const contactInboxId = await insert(
    tx,
    `insert into contact_inboxes (contact_id, inbox_id, source_id) values ($1, $2, $3) returning id`,
    [contactId, inboxId, contactEmail],
  )
  const conversationId = await insert(
    tx,
    `insert into conversations (account_id, inbox_id, contact_id, contact_inbox_id, display_id, recipient_email,
       waiting_since, additional_attributes)
     values ($1, $2, $3, $4, 1, $5, now(), '{"source": "email", "mail_subject": "Where is my order?"}') returning id`,
    [accountId, inboxId, contactId, contactInboxId, contactEmail],
  )
  await tx.query(
    `
      insert into messages (
        account_id, inbox_id, conversation_id, message_type, content, sender_type, sender_id
      )
      values ($1, $2, $3, 'incoming', 'Hello, where is my order?', 'contact', $4)
    `,
    [accountId, inboxId, conversationId, contactId],
  )
  return {
    accountId,
    conversationDisplayId: 1,
    contactEmail,
    inboxId,
    inboxEmail,
    tokenTarget: {
      accountId,
      conversationId,
      role: 'contact',
      contactId,
      userId: null,
      messageId: null,
      email: contactEmail,
    },
  }
}

async function insert(tx: Tx, text: string, values: readonly unknown[]): Promise<number> {
  const row = await queryOne<{ id: number }>(tx, text, values)
  if (row === null) throw new Error('an insert gave no row')
  return row.id
}

/** Makes `token` one of the first administrator of the installation. Only its SHA-256 is kept. */
export async function grantAdministrator(sql: Sql, token: string): Promise<void> {
  await sql.query(
    `
      insert into access_tokens (user_id, token_hash)
      select id, $1
      from users
      where type = 'SuperAdmin'
      order by id
      limit 1
      on conflict (token_hash) do nothing
    `,
    [createHash('sha256').update(token).digest()],
  )
}

/**
 * True if a user can sign in. After a start that ended between the first account and its token, no user can.
 */
export async function hasAccessToken(sql: Sql): Promise<boolean> {
  return (await queryOne(sql, 'select 1 from access_tokens limit 1')) !== null
}

/** How many accounts there are, and whether any may receive. */
export async function countAccounts(sql: Sql): Promise<{ accounts: number; receiving: number }> {
  const row = await queryOne<{ accounts: number; receiving: number }>(
    sql,
    `
      select
        count(*) as accounts,
        count(*) filter (where ${receivesMail('a')}) as receiving
      from accounts a
    `,
  )
  return row ?? { accounts: 0, receiving: 0 }
}

/**
 * How many people are active in an account under an address that can receive mail: one under .invalid (RFC 2606)
 * cannot.
 */
export async function countMailableAgents(sql: Sql): Promise<number> {
  const row = await queryOne<{ count: number }>(
    sql,
    `select count(distinct user_id)::int as count from acting_members where email not like '%.invalid'`,
  )
  return row?.count ?? 0
}
