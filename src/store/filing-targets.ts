// The targets of a filing: a conversation or an inbox that the person sees, and the author of the message.

import type { InboundEmail, Scope } from '../contracts/inbound-email.ts'
import { type Pool, queryOne } from '../db/pool.ts'
import { seesConversation } from '../db/rules.ts'
import { MailError } from '../errors.ts'

/**
 * A confirmed agent of the account who sees the conversation, by the address that the mail is from. Throws
 * `MailError`.
 */
export async function getAgent(
  pool: Pool,
  at: { readonly accountId: number; readonly conversationId: number; readonly address: string | null },
): Promise<number> {
  const row = await queryOne<{ user_id: number }>(
    pool,
    `select v.user_id
     from acting_members v
       join conversations c on c.account_id = v.account_id and c.id = $2
     where v.account_id = $1
       and v.email = lower($3)
       and ${seesConversation('v', 'c')}`,
    [at.accountId, at.conversationId, at.address ?? ''],
  )
  if (row === null)
    throw new MailError('malformed', `${String(at.address)} is not an agent who sees the conversation`, {
      publicMessage:
        `Only an agent’s mail can be sent on: ${at.address ?? 'the author'} is not an agent who sees this ` +
        'conversation',
    })
  return row.user_id
}

/** True if the mail was sent on as an agent's reply. */
export async function wasSentOn(pool: Pool, inboundEmailId: number): Promise<boolean> {
  const row = await queryOne(pool, `select 1 from messages where inbound_email_id = $1 and message_type = 'outgoing'`, [
    inboundEmailId,
  ])
  return row !== null
}

/** A conversation that the actor sees, or, of a merged one, the one that it was merged into; null for others. */
export async function findTarget(
  pool: Pool,
  { agent }: Scope,
  conversation: { accountId: number | null; displayId: number },
): Promise<{ conversationId: number; accountId: number } | null> {
  const row = await queryOne<{ id: number; account_id: number }>(
    pool,
    `select c.id, c.account_id
     from conversations named
       join conversations c on c.id = coalesce(named.merged_into_id, named.id)
     where named.account_id = $1
       and named.display_id = $2
       and ($3::int[] is null or c.inbox_id = any($3) or c.assignee_id = $4)`,
    [conversation.accountId, conversation.displayId, agent?.inboxIds ?? null, agent?.userId ?? null],
  )
  return row === null ? null : { conversationId: row.id, accountId: row.account_id }
}

/** The inbox that is asked for, else where the mail was going, else the only one that there is. Throws `MailError`. */
export async function getInbox(
  pool: Pool,
  { accountId, agent }: Scope,
  { known, inboxId }: { readonly known: InboundEmail; readonly inboxId: number | null },
): Promise<{ inboxId: number; accountId: number }> {
  const wanted = inboxId ?? known.inboxId
  const { rows } = await pool.query<{ inboxId: number; accountId: number }>(
    `select id as "inboxId", account_id as "accountId"
     from inboxes
     where ($1::int is null or account_id = $1)
       and ($2::int is null or account_id = $2)
       and ($3::int is null or id = $3)
       and ($4::int[] is null or id = any($4))
     order by id
     limit 2`,
    [accountId, known.accountId, wanted, agent?.inboxIds ?? null],
  )
  const [inbox, another] = rows
  if (inbox !== undefined && another === undefined) return inbox
  throw new MailError('malformed', 'no inbox to open a conversation in', {
    publicMessage:
      inboxId === null
        ? 'This mail names no inbox; say in which one the conversation is to be opened (inbox_id)'
        : 'Inbox not found (inbox_id)',
  })
}
