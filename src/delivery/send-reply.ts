// Sends a public outgoing message as mail to the conversation's contact, whatever its channel (state S5). It carries a
// reply address if the account may receive, its own reverse-path, and the same Message-ID in every attempt.

import type { RecordDelivery } from '../contracts/delivery.ts'
import type { TokenRole } from '../contracts/token-role.ts'
import type { Pool } from '../db/pool.ts'
import { MailError } from '../errors.ts'
import { addressKey } from '../mail/address.ts'
import { composeThread, oneLine, senderName } from '../mail/compose.ts'
import { formatOwnMessageId } from '../mail/header/message-id.ts'
import {
  formatBounceAddress,
  formatReplyAddress,
  isMaskedAddress,
  readNewToken,
  readReplyToken,
} from '../mail/reply-address.ts'
import { attachFiles } from './attach-files.ts'
import { handOverTo, isHandedOver } from './hand-over.ts'
import { composeLetter } from './letter.ts'
import { mayMail } from './mail-budget.ts'
import { type OutgoingFacts, readOutgoing, readParent } from './outgoing-facts.ts'
import type { HandOver, OutgoingMail, Send } from './transport.ts'
import { wordsFor } from './words/words.ts'

/** Makes or finds the reply token of a target; conversations/reply-tokens has this shape. */
export type IssueToken = (wanted: {
  readonly accountId: number
  readonly conversationId: number
  readonly role: TokenRole
  readonly contactId: number | null
  readonly userId: number | null
  readonly messageId: number | null
  /** Role contact: the address that the reply address is mailed to. */
  readonly email?: string | null
}) => Promise<string>

/** Stores a one-time link and answers its code; conversations/links has this shape. */
export type CreateLink = (link: {
  readonly purpose: 'confirm-user-email' | 'accept-invitation' | 'prove-contact-address' | 'stop-answer'
  readonly subjectId: number
  readonly email: string
  readonly accountId: number | null
  readonly expiresAt: Date
}) => Promise<string>

/**
 * Takes from the budget of automatic mail; false = it may not leave. conversations/automatic-budget has this
 * shape.
 */
export type TakeBudget = (mail: {
  readonly accountId: number
  readonly mailbox: string
  readonly isProven: boolean
  readonly byPerson?: boolean
  readonly isConfirmation?: boolean
  readonly count?: number
}) => Promise<boolean>

export interface DeliveryOptions {
  readonly pool: Pool
  readonly send: Send
  readonly handOver: HandOver
  /** Writes the life line of messages; conversations/life-line has this shape, and that of the two below. */
  readonly recordDelivery: RecordDelivery
  /** Those of the addresses that the account does not mail. */
  readonly findSuppressed: (accountId: number, emails: readonly string[]) => Promise<readonly string[]>
  /** Writes a sentence into a conversation, as an activity. */
  readonly noteActivity: (
    on: { readonly messageId: number } | { readonly conversationId: number },
    sentence: string,
  ) => Promise<void>
  readonly issueToken: IssueToken
  /** 32 hex digits for the Message-ID of a message without one; conversations/message-mark has this shape. */
  readonly markMessage: (messageId: number) => string
  readonly createLink: CreateLink
  /** The code of a link that signs in the owner of the address; null = unknown address, or too many codes were sent. */
  readonly createLoginCode: (email: string) => Promise<string | null>
  readonly takeBudget: TakeBudget
  /** INBOUND_EMAIL_DOMAIN. */
  readonly defaultDomain: string
  /** MAILER_SENDER_EMAIL, or null: `notifications@` the account's domain. */
  readonly senderEmail: string | null
  readonly publicUrl: string
  /** How long after a notice the next one to the same agent about the same conversation waits. */
  readonly noticeGroupMs: number
}

/**
 * Fields of automatic mail (RFC 3834 §5): no absence notices and automatic answers are wanted, but delivery reports
 * are.
 */
const unanswered = { 'X-Auto-Response-Suppress': 'OOF, AutoReply' }

/** Sends the mail of one message, once per call; the server's answer is written on the message. Throws `MailError`. */
export async function sendReply(options: DeliveryOptions, messageId: number): Promise<void> {
  const facts = await readOutgoing(options.pool, messageId, options.defaultDomain)
  if (facts === null || facts.isPrivate || facts.attributes['deleted'] === true || isHandedOver(facts)) return
  if (!facts.account.active) throw new MailError('unavailable', `account ${String(facts.account.id)} is suspended`)
  // An agent who answers by mail in the conversation of a visitor.
  const isCounted = !facts.recipient.isUnverified || isCountedIn(facts)
  if (!(await mayMail(options, facts, { ids: [messageId], isCounted }))) return
  const { content, attached, links } = await attachFiles(options, facts)
  const letter = await composeLetter(options.pool, { ...facts, content }, links)
  const mail = await composeReply(options, facts, { ...letter, attachments: attached })
  await handOverTo(options, { facts, messageIds: [messageId] }, mail)
}

function isCountedIn({ attributes: { delivery } }: OutgoingFacts): boolean {
  return typeof delivery === 'object' && delivery !== null && 'counted' in delivery
}

/**
 * The mail of a message with this body, on its thread, with its reply address and reverse-path. Throws `MailError`
 * when it has no recipient that may be.
 */
export async function composeReply(
  options: DeliveryOptions,
  facts: OutgoingFacts,
  body: Pick<OutgoingMail, 'text' | 'html' | 'attachments'>,
): Promise<OutgoingMail> {
  const recipients = await recipientsOf(options, facts)
  const tokenTarget = {
    accountId: facts.account.id,
    conversationId: facts.conversation.id,
    contactId: facts.contact.id,
    userId: null,
  }
  const { say } = wordsFor(facts.account.locale)
  const name = senderName({
    friendly: (agent, business) => say('from.friendly', { agent, business }),
    agent: facts.agentName,
    business: facts.inbox.businessName ?? facts.inbox.name,
    style: facts.inbox.senderNameType,
  })
  const address = fromAddress(options, facts)
  const { domain, inboundEmails } = facts.account
  const email = recipients.to.find((one) => one.toLowerCase() === facts.recipient.email) ?? null
  const replyTo = inboundEmails
    ? formatReplyAddress(
        await options.issueToken({
          ...tokenTarget,
          role: 'contact',
          contactId: facts.recipient.contactId ?? facts.contact.id,
          messageId: null,
          email: email?.toLowerCase() ?? null,
        }),
        domain,
      )
    : address
  const reversePath = inboundEmails
    ? formatBounceAddress(
        await options.issueToken({ ...tokenTarget, role: 'bounce', messageId: facts.messageId }),
        domain,
      )
    : address
  const parent = await readParent(options.pool, facts)
  const thread = threadOf(facts, parent)
  return {
    envelope: { from: reversePath, to: [...recipients.to, ...recipients.cc, ...recipients.bcc] },
    from: { name, address },
    replyTo: { name, address: replyTo },
    to: recipients.to,
    cc: recipients.cc,
    ...thread,
    ...body,
    messageId: mailIdOf(options, facts),
    headers: facts.isAutomatic
      ? { 'Auto-Submitted': parent === null ? 'auto-generated' : 'auto-replied', ...unanswered }
      : {},
  }
}

// An unverified sender's subject is not repeated to the address they name
// (conversations/messages/automatic-message.ts).
function threadOf(
  { attributes, conversation, account }: OutgoingFacts,
  parent: Awaited<ReturnType<typeof readParent>>,
): ReturnType<typeof composeThread> {
  const tokenTarget = { ...conversation, accountId: account.id, accountName: account.name }
  const { domain } = account
  const noSubject = wordsFor(account.locale).say('subject.conversation', { account: account.name })
  if ((attributes['delivery'] as { neutral?: unknown } | undefined)?.neutral === true)
    return composeThread({
      conversation: { ...tokenTarget, subject: null },
      parent: parent === null ? null : { ...parent, references: [] },
      domain,
      ownSubject: null,
      noSubject,
    })
  return composeThread({
    conversation: tokenTarget,
    parent,
    domain,
    ownSubject: subjectWithoutNumber(stringAt(attributes['email'], 'subject'), conversation.displayId),
    noSubject,
  })
}

// An agent answers a notice, which has the number of the conversation in its subject (notice.ts). The customer's mail
// client keeps the answer in its thread only if the subject is that of the customer's own mail.
function subjectWithoutNumber(subject: string | null, displayId: number): string | null {
  return subject?.replace(`[#${String(displayId)}] `, '') ?? null
}

// In another channel `source_id` is that channel's id of the message; its mail has a Message-ID of our form, which
// names the message.
function mailIdOf(
  { markMessage }: Pick<DeliveryOptions, 'markMessage'>,
  { sourceId, inbox, conversation: { uuid }, messageId, account: { domain } }: OutgoingFacts,
): string {
  if (inbox.email !== null && sourceId !== null) return sourceId
  return formatOwnMessageId({ uuid, messageId, mark: markMessage(messageId), domain })
}

/**
 * The mail's recipients: those that its author named, else the conversation's recipient; each once, To before Cc before
 * Bcc.
 */
async function recipientsOf(
  { pool, defaultDomain }: DeliveryOptions,
  { attributes, recipient }: OutgoingFacts,
): Promise<{ to: string[]; cc: string[]; bcc: string[] }> {
  const seen = new Set<string>()
  const once = (addresses: string[]): string[] =>
    addresses.filter((address) => seen.size < seen.add(addressKey(address)).size)
  const named = addressesAt(attributes, 'to_emails')
  const own = recipient.email === null ? [] : [recipient.email]
  const recipients = {
    to: once(named.length > 0 ? named : own),
    cc: once(addressesAt(attributes, 'cc_emails')),
    bcc: once(addressesAt(attributes, 'bcc_emails')),
  }
  if (recipients.to.length === 0)
    throw new MailError('unknown-recipient', 'the conversation has no recipient', {
      publicMessage: 'The contact has no email address',
    })
  const domains = [...recipients.to, ...recipients.cc, ...recipients.bcc].flatMap(
    (address) => (readReplyToken(address) ?? readNewToken(address))?.domain ?? [],
  )
  if (domains.length > 0 && (await isAnyOwn(pool, domains, defaultDomain)))
    throw new MailError('forbidden', `a recipient is a reply address: the mail would come back`, {
      publicMessage: 'A recipient is a reply address: the mail would come back',
    })
  return recipients
}

async function isAnyOwn(pool: Pool, domains: readonly string[], defaultDomain: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    `select 1 where $2::text = any($1)
     union all
     select 1 from accounts where domain = any($1)
     union all
     select 1 from reply_domains where domain = any($1) and expires_at > now()
     limit 1`,
    [domains, defaultDomain],
  )
  return rowCount !== 0
}

/** The address that mail of this account comes from. Never throws. */
export function fromAddress(
  options: Pick<DeliveryOptions, 'senderEmail'>,
  facts: {
    readonly inbox: Pick<OutgoingFacts['inbox'], 'email'> & { readonly isConfirmed?: boolean }
    readonly account: Pick<OutgoingFacts['account'], 'supportEmail' | 'domain'>
  },
): string {
  const own = facts.inbox.isConfirmed === false ? null : facts.inbox.email
  const configured = own ?? facts.account.supportEmail ?? options.senderEmail
  const bare = /<([^<>]+)>/.exec(configured ?? '')?.[1] ?? configured
  return oneLine(bare ?? `notifications@${facts.account.domain}`)
}

function addressesAt(attributes: Readonly<Record<string, unknown>>, key: string): string[] {
  const value = attributes[key]
  const list: unknown[] = typeof value === 'string' ? value.split(/[,;\n]/) : []
  return (Array.isArray(value) ? value : list)
    .filter((entry): entry is string => typeof entry === 'string')
    .map((entry) => (/<([^<>]+)>/.exec(entry)?.[1] ?? entry).trim())
    .filter((entry) => /^[^\s@<>]+@[^\s@<>]+$/.test(entry) && !isMaskedAddress(entry))
}

function stringAt(value: unknown, key: string): string | null {
  if (typeof value !== 'object' || value === null || !(key in value)) return null
  const found: unknown = (value as Record<string, unknown>)[key]
  return typeof found === 'string' ? found : null
}
