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
  if (!decision.marks.reusedMessageId) await lockConcurrentDuplicates(tx, decision, mail.messageId)
  const contact = await findOrCreateContactByEmail(tx, {
    accountId: decision.accountId,
    inboxId: decision.inboxId,
    email: decision.speaker.address,
    name: boundName(decision.speaker.name),
  })
  const recipient = await findRecipient(tx, decision, contact)
  const begins = decision.forward === undefined ? mail : decision.forward.mail
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
      attributesOf(begins, decision.marks.autoReply),
      recipient,
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
    answersTo: decision.answersTo ?? null,
    ...(decision.forward === undefined ? {} : { forward: decision.forward }),
    marks: decision.marks,
  }
  return { request: { ...request, decision: append }, senderId: contact.contactId }
}

/** In characters, as conversations.recipient_email has them. */
const maxAddressLength = 320

// Reply-To is what the sender says. It counts for a sender who is new here, verified, or had answers there before: who
// forges the From of a known contact does not get that contact's answers (docs/adr/0046).
async function findRecipient(
  tx: Tx,
  { speaker, answersTo = null, marks }: OpenConversation,
  contact: { readonly contactId: number; readonly created: boolean },
): Promise<string> {
  const address = toSearchedText(speaker.address).trim().toLowerCase()
  if (answersTo === null || answersTo.length > maxAddressLength) return address
  const isTrusted =
    marks.verified ||
    contact.created ||
    (await queryOne(tx, 'select 1 from conversations where contact_id = $1 and recipient_email = $2 limit 1', [
      contact.contactId,
      answersTo,
    ])) !== null
  return isTrusted ? answersTo : address
}

/** Until the transaction ends, no other conversation of the account begins with a mail of this Message-ID. */
export async function lockMessageId(tx: Tx, accountId: number, messageId: string): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1, hashtext($2))', [accountId, messageId])
}

// Two copies of one mail that came by different ways at the same moment must not begin two conversations in an inbox.
async function lockConcurrentDuplicates(tx: Tx, decision: OpenConversation, messageId: string | null): Promise<void> {
  if (messageId === null) return
  const { accountId, inboxId } = decision
  await lockMessageId(tx, accountId, messageId)
  const duplicate = await queryOne(
    tx,
    'select 1 from messages where source_id = $2 and account_id = $1 and inbox_id = $3 limit 1',
    [accountId, messageId, inboxId],
  )
  if (duplicate !== null) throw new RaceError(messageId)
}

/** `additional_attributes` of a conversation that a mail begins. Never throws. */
export function attributesOf(mail: ParsedMail, autoReply: boolean): string {
  const attributes = toJsonb({
    source: 'email',
    mail_subject: toComposed(boundSubject(mail.subject)),
    in_reply_to: mail.inReplyTo[0] ?? null,
    auto_reply: autoReply,
    initiated_at: { timestamp: new Date().toISOString() },
  })
  return maskReplyAddresses(attributes)
}
