// A public outgoing message leaves as mail to the conversation's contact, whatever channel the conversation began in (DESIGN S5).
// It carries a reply address when the account may receive, its own reverse-path, and the same Message-ID however often it is tried.

import { toJsonb, toText } from '../db/json.ts'
import { attachmentUrl } from '../config.ts'
import type { Pool } from '../db/pool.ts'
import { MailError } from '../errors.ts'
import { composeThread, oneLine, senderName } from '../mail/compose.ts'
import { formatOwnMessageId } from '../mail/message-id.ts'
import { formatBounceAddress, formatReplyAddress, readReplyToken } from '../mail/reply-address.ts'
import { readAttached, readBytes, readOutgoing, readParent, type OutgoingFacts } from './outgoing-facts.ts'
import { renderBodies } from './render.ts'
import type { OutgoingMail, Send } from './transport.ts'

/** Makes or finds the reply token for a place in a conversation; conversations/reply-tokens has this shape. */
export type IssueToken = (wanted: {
  readonly accountId: number
  readonly conversationId: number
  readonly role: 'contact' | 'agent' | 'bounce'
  readonly contactId: number | null
  readonly userId: number | null
  readonly messageId: number | null
}) => Promise<string>

export interface DeliveryOptions {
  readonly pool: Pool
  readonly send: Send
  readonly issueToken: IssueToken
  /** INBOUND_EMAIL_DOMAIN. */
  readonly defaultDomain: string
  /** MAILER_SENDER_EMAIL, or null: `notifications@` the account's domain. */
  readonly senderEmail: string | null
  readonly publicUrl: string
}

/** On what no person wrote (RFC 3834 §5): absences and automatic answers are not wanted; reports of what became of the mail are. */
const unanswered = { 'X-Auto-Response-Suppress': 'OOF, AutoReply' }

/** Files beyond this total are sent as links. */
const maxAttachedBytes = 20 * 1024 * 1024

/** Sends the mail of one message, once per call; the server's answer is written on the message. Throws `MailError`. */
export async function sendReply(options: DeliveryOptions, messageId: number): Promise<void> {
  const facts = await readOutgoing(options.pool, messageId, options.defaultDomain)
  if (facts === null || facts.isPrivate || facts.attributes['deleted'] === true) return
  if (!facts.account.active) throw new MailError('unavailable', `account ${String(facts.account.id)} is suspended`)
  const { attached, links } = await attach(options, facts.messageId)
  const mail = await composeReply(options, facts, { ...renderBodies(facts.content, links), attachments: attached })
  const response = await options.send(mail)
  await noteDelivery(options.pool, [messageId], sentState(mail, response))
}

/** What stands on a message whose mail the server has taken. */
export function sentState(mail: OutgoingMail, response: string) {
  return { state: 'sent', message_id: mail.messageId, to: mail.envelope.to, response: response.slice(0, 500), at: new Date().toISOString() }
}

/** The mail of a message with this body, on its thread, with its reply address and reverse-path. Throws `MailError` when it has no recipient that may be. */
export async function composeReply(options: DeliveryOptions, facts: OutgoingFacts, body: Pick<OutgoingMail, 'text' | 'html' | 'attachments'>): Promise<OutgoingMail> {
  const recipients = recipientsOf(facts)
  const place = { accountId: facts.account.id, conversationId: facts.conversation.id, contactId: facts.contact.id, userId: null }
  const name = senderName({ agent: facts.agentName, business: facts.inbox.businessName ?? facts.inbox.name, style: facts.inbox.senderNameType })
  const address = fromAddress(options, facts)
  const { domain, inboundEmails } = facts.account
  const replyTo = inboundEmails ? formatReplyAddress(await options.issueToken({ ...place, role: 'contact', messageId: null }), domain) : address
  const reversePath = inboundEmails ? formatBounceAddress(await options.issueToken({ ...place, role: 'bounce', messageId: facts.messageId }), domain) : address
  const parent = await readParent(options.pool, facts)
  const thread = composeThread({
    conversation: { ...facts.conversation, accountId: facts.account.id },
    parent,
    domain,
    ownSubject: stringAt(facts.attributes['email'], 'subject'),
  })
  return {
    envelope: { from: reversePath, to: [...recipients.to, ...recipients.cc, ...recipients.bcc] },
    from: { name, address },
    replyTo: { name, address: replyTo },
    to: recipients.to,
    cc: recipients.cc,
    ...thread,
    ...body,
    messageId: mailIdOf(facts),
    headers: facts.isAutomatic ? { 'Auto-Submitted': parent === null ? 'auto-generated' : 'auto-replied', ...unanswered } : {},
  }
}

// What another channel's message stands under is that channel's id of it; its mail has one of our own form, which names the message.
function mailIdOf({ sourceId, inbox, conversation, messageId, account }: OutgoingFacts): string {
  const own = formatOwnMessageId({ uuid: conversation.uuid, messageId, domain: account.domain })
  return inbox.email === null ? own : (sourceId ?? own)
}

/** Whom the mail is for. An agent's own mail goes to the contact alone: its recipients were ours. */
function recipientsOf(facts: OutgoingFacts): { to: string[]; cc: string[]; bcc: string[] } {
  const { attributes, contact } = facts
  const to = addressesAt(attributes, 'to_emails')
  const own = contact.email === null ? [] : [contact.email]
  const recipients = { to: to.length > 0 ? to : own, cc: addressesAt(attributes, 'cc_emails'), bcc: addressesAt(attributes, 'bcc_emails') }
  const all = [...recipients.to, ...recipients.cc, ...recipients.bcc]
  if (recipients.to.length === 0) throw new MailError('unknown-recipient', 'the contact has no email address', { publicMessage: 'The contact has no email address' })
  const loop = all.find((address) => readReplyToken(address) !== null)
  if (loop !== undefined) throw new MailError('forbidden', `${loop} is a reply address: the mail would come back`, { publicMessage: 'A recipient is a reply address: the mail would come back' })
  return recipients
}

/** The address that mail of this account comes from. Never throws. */
export function fromAddress(
  options: Pick<DeliveryOptions, 'senderEmail'>,
  facts: { readonly inbox: Pick<OutgoingFacts['inbox'], 'email'>; readonly account: Pick<OutgoingFacts['account'], 'supportEmail' | 'domain'> },
): string {
  const configured = facts.inbox.email ?? facts.account.supportEmail ?? options.senderEmail
  const bare = /<([^<>]+)>/.exec(configured ?? '')?.[1] ?? configured
  return oneLine(bare ?? `notifications@${facts.account.domain}`)
}

async function attach(options: DeliveryOptions, messageId: number): Promise<{ attached: OutgoingMail['attachments']; links: { name: string; url: string }[] }> {
  const attached: { filename: string; contentType: string; content: Buffer }[] = []
  const links: { name: string; url: string }[] = []
  let total = 0
  for (const file of await readAttached(options.pool, messageId)) {
    total += file.size
    if (total <= maxAttachedBytes) attached.push({ filename: file.filename, contentType: file.contentType, content: await readBytes(options.pool, file.id) })
    else links.push({ name: file.filename, url: attachmentUrl(options.publicUrl, file.token, file.filename) })
  }
  return { attached, links }
}

/** Writes how the mail fares on its message, for people and clients to see. */
export async function noteDelivery(pool: Pool, messageIds: readonly number[], delivery: Readonly<Record<string, unknown>>): Promise<void> {
  await pool.query(`update messages set updated_at = now(), content_attributes = content_attributes || jsonb_build_object('delivery', coalesce(content_attributes -> 'delivery', '{}') || $2::jsonb) where id = any($1)`, [
    messageIds,
    toJsonb(delivery),
  ])
}

/** The mail was tried to the end, or refused for good. */
export async function noteFailure(pool: Pool, messageId: number, error: string): Promise<void> {
  await pool.query(
    `update messages set updated_at = now(), status = 'failed', content_attributes = content_attributes || jsonb_build_object('external_error', $2::text,
       'delivery', coalesce(content_attributes -> 'delivery', '{}') || jsonb_build_object('state', 'failed', 'error', $2::text)) where id = $1`,
    [messageId, toText(error.slice(0, 1000))],
  )
}

function addressesAt(attributes: Readonly<Record<string, unknown>>, key: string): string[] {
  const value = attributes[key]
  const list = Array.isArray(value) ? value : typeof value === 'string' ? value.split(/[,;\n]/) : []
  return list
    .filter((entry): entry is string => typeof entry === 'string')
    .map((entry) => (/<([^<>]+)>/.exec(entry)?.[1] ?? entry).trim())
    .filter((entry) => /^[^\s@<>]+@[^\s@<>]+$/.test(entry))
}

function stringAt(value: unknown, key: string): string | null {
  if (typeof value !== 'object' || value === null || !(key in value)) return null
  const found: unknown = (value as Record<string, unknown>)[key]
  return typeof found === 'string' ? found : null
}
