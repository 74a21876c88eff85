// An agent's mail to their address for new conversations begins one: contact, contact inbox and conversation are found
// or made in the caller's transaction, in the agent's name; then the mail is appended as the agent's first message. The
// conversation is assigned to the agent, who gets the answers.

import type { AppendAsAgent, OpenAsAgent } from '../../contracts/decision.ts'
import { queryOne, type Tx } from '../../db/pool.ts'
import { initialStatus } from '../../db/rules.ts'
import { MailError } from '../../errors.ts'
import { boundName } from '../../mail/bounds.ts'
import { begunPerHour, countBegun } from '../commands/begun-lately.ts'
import { findOrCreateContactByEmail } from '../contacts/contact-by-email.ts'
import { nextDisplayId } from '../display-id.ts'
import { begunSql } from '../lookup/lookup-sql.ts'
import { findInboxAgent, setPerformer } from '../performer.ts'
import type { AppendRequest } from '../records/append-request.ts'
import { RaceError, type Ready } from './append-message.ts'
import { attributesOf, lockMessageId } from './open-conversation.ts'

/**
 * The order to append to the new conversation. A blocked contact's conversation is resolved at birth. Throws
 * `RaceError` if the mail has begun one at the same moment, the agent has begun too many meanwhile, or does not see the
 * inbox any more.
 */
export async function beginConversation(tx: Tx, request: AppendRequest<OpenAsAgent>): Promise<Ready> {
  const { decision, mail } = request
  const { accountId, inboxId, userId, to, marks } = decision
  if (!marks.reusedMessageId) await refuseBegun(tx, decision, mail.messageId)
  const by = await findInboxAgent(tx, inboxId, userId)
  if (by === null) throw new RaceError(mail.messageId)
  await refuseTooMany(tx, decision, mail.messageId)
  await setPerformer(tx, by)
  const contact = await findOrCreateContactByEmail(tx, {
    accountId,
    inboxId,
    email: to.address,
    name: boundName(to.name),
  })
  const row = await queryOne<{ id: number }>(tx, insertSql, [
    accountId,
    inboxId,
    contact.contactId,
    contact.contactInboxId,
    await nextDisplayId(tx, accountId),
    contact.blocked,
    attributesOf({ ...mail, inReplyTo: [] }, false),
    to.address,
    userId,
  ])
  if (row === null) throw new MailError('unexpected', 'a new conversation has no row')
  const append: AppendAsAgent = {
    action: 'append-as-agent',
    reason: decision.reason,
    conversationId: row.id,
    userId,
    marks,
    isNote: false,
    commands: decision.commands,
  }
  return { request: { ...request, decision: append }, senderId: userId }
}

// The contact does not wait for an answer: nobody has asked.
const insertSql = `
  insert into conversations (
    account_id,
    inbox_id,
    contact_id,
    contact_inbox_id,
    display_id,
    status,
    additional_attributes,
    recipient_email,
    assignee_id
  )
  values (
    $1, $2, $3, $4, $5,
    ${initialStatus({ isBlocked: '$6::boolean', asked: `'open'::text`, inboxId: '$2' })},
    $7, $8, $9
  )
  returning id
`

async function refuseBegun(tx: Tx, { accountId, inboxId }: OpenAsAgent, messageId: string | null): Promise<void> {
  if (messageId === null) return
  await lockMessageId(tx, accountId, messageId)
  if ((await queryOne(tx, begunSql, [inboxId, messageId])) !== null) throw new RaceError(messageId)
}

async function refuseTooMany(tx: Tx, { accountId, userId }: OpenAsAgent, messageId: string | null): Promise<void> {
  await tx.query('select 1 from account_users where account_id = $1 and user_id = $2 for no key update', [
    accountId,
    userId,
  ])
  if ((await countBegun(tx, accountId, userId)) >= begunPerHour) throw new RaceError(messageId)
}
