// A mail to an inbox's address begins a conversation: contact, contact inbox and conversation are found or made in
// the caller's transaction.

import type { AppendIncoming, OpenConversation } from '../../contracts/decision.ts'
import { toComposed, toJsonb, toSearchedText } from '../../db/json.ts'
import { queryOne, type Tx } from '../../db/pool.ts'
import { initialStatus } from '../../db/rules.ts'
import { MailError } from '../../errors.ts'
import { boundName, boundSubject } from '../../mail/bounds.ts'
import type { ParsedMail } from '../../mail/parsed-mail.ts'
import { maskReplyAddresses } from '../../mail/reply-address.ts'
import { findOrCreateContactByEmail } from '../contacts/contact-by-email.ts'
import { nextDisplayId } from '../display-id.ts'
import type { AppendRequest } from '../records/append-request.ts'
import { RaceError } from './append-message.ts'

/** The order to append to the new conversation. A blocked contact's conversation is resolved at birth. */
export async function openConversation(
  tx: Tx,
  request: AppendRequest<OpenConversation>,
): Promise<{ request: AppendRequest<AppendIncoming>; senderId: number }> {
  const { decision, mail } = request
  if (!decision.marks.reusedMessageId) await lockConcurrentDuplicates(tx, decision.accountId, mail.messageId)
  const contact = await findOrCreateContactByEmail(tx, {
    accountId: decision.accountId,
    inboxId: decision.inboxId,
    email: decision.speaker.address,
    name: boundName(decision.speaker.name),
  })
  const displayId = await nextDisplayId(tx, decision.accountId)
  const row = await queryOne<{ id: number }>(
    tx,
    `insert into conversations (account_id, inbox_id, contact_id, contact_inbox_id, display_id, linked_to_id, status,
       additional_attributes, waiting_since, recipient_email)
     values ($1, $2, $3, $4, $5, $6,
       ${initialStatus({ isBlocked: '$7', asked: 'null', inboxId: '$2' })},
       $8, now(), $9)
     returning id`,
    [
      decision.accountId,
      decision.inboxId,
      contact.contactId,
      contact.contactInboxId,
      displayId,
      decision.linkedToId,
      contact.blocked,
      attributesOf(mail, decision.marks.autoReply),
      toSearchedText(decision.speaker.address).trim().toLowerCase(),
    ],
  )
  if (row === null) throw new MailError('unexpected', 'a new conversation has no row')
  const append: AppendIncoming = {
    action: 'append',
    reason: decision.reason,
    conversationId: row.id,
    contactId: contact.contactId,
    speaker: decision.speaker,
    reopens: false,
    marks: decision.marks,
  }
  return { request: { ...request, decision: append }, senderId: contact.contactId }
}

// Two copies of one mail that came by different ways at the same moment must not begin two conversations.
async function lockConcurrentDuplicates(tx: Tx, accountId: number, messageId: string | null): Promise<void> {
  if (messageId === null) return
  await tx.query('select pg_advisory_xact_lock($1, hashtext($2))', [accountId, messageId])
  const duplicate = await queryOne(tx, 'select 1 from messages where source_id = $2 and account_id = $1 limit 1', [
    accountId,
    messageId,
  ])
  if (duplicate !== null) throw new RaceError(messageId)
}

function attributesOf(mail: ParsedMail, autoReply: boolean): string {
  const attributes = toJsonb({
    source: 'email',
    mail_subject: toComposed(boundSubject(mail.subject)),
    in_reply_to: mail.inReplyTo[0] ?? null,
    auto_reply: autoReply,
    initiated_at: { timestamp: new Date().toISOString() },
  })
  return maskReplyAddresses(attributes)
}
