// The mail that Rethread itself writes: notices, digests, links, codes, transcripts. It is marked as automatic (RFC
// 3834 §5, and Exchange's field), and its reverse-path is null, so that no program answers it.

import { linkTo } from '../links.ts'
import { mailboxKey } from '../mail/address.ts'
import { oneLine, type ThreadHeaders } from '../mail/compose.ts'
import { linkUrl } from './layout/html.ts'
import { type DeliveryOptions, fromAddress } from './send-reply.ts'
import type { OutgoingMail } from './transport.ts'

/** The name in From, and the inbox and account whose address stands there. */
export type Sender = { readonly name: string } & Parameters<typeof fromAddress>[1]

interface AutomaticMail extends Partial<Omit<ThreadHeaders, 'subject'>> {
  readonly sender: Sender
  readonly to: string
  readonly replyTo?: OutgoingMail['replyTo']
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Left-hand side of the Message-ID; the domain is the sender's. */
  readonly id: string
  /** It was caused by a mail of its recipient (`auto-replied`); otherwise `auto-generated`. */
  readonly isAnswer?: boolean
  /** One of many: `Precedence: bulk`. A mail that its recipient asked for has no such field. */
  readonly isBulk: boolean
  readonly attachments?: OutgoingMail['attachments']
  /** Notices that the recipient can switch off. */
  readonly list?: NoticeList
}

/** A kind of notices, for filters (RFC 2919), and the page that switches them off (RFC 2369 §3.2). */
export interface NoticeList {
  /** Labels in front of the domain, such as `inbox-1.account-1`. */
  readonly label: string
  readonly settingsUrl: string
}

/** An account as sender. Never throws. */
export function accountSender(account: {
  readonly name: string
  readonly domain: string
  readonly supportEmail: string | null
}): Sender {
  return { name: oneLine(account.name), inbox: { email: null }, account }
}

/** The installation as sender: the mail belongs to no account. Never throws. */
export function installationSender({ defaultDomain }: Pick<DeliveryOptions, 'defaultDomain'>): Sender {
  return { name: 'Rethread', inbox: { email: null }, account: { domain: defaultDomain, supportEmail: null } }
}

/** The recipient in the left-hand side of a Message-ID. Never throws. */
export function recipientInId(email: string): string {
  return mailboxKey(email).replace(/[^a-z0-9]+/g, '-')
}

/** The mail, ready to leave. Never throws. */
export function composeAutomaticMail(
  options: Pick<DeliveryOptions, 'senderEmail'>,
  { sender, to, replyTo = null, isAnswer = false, ...mail }: AutomaticMail,
): OutgoingMail {
  return {
    envelope: { from: '', to: [to] },
    from: { name: sender.name, address: fromAddress(options, sender) },
    replyTo,
    to: [to],
    cc: [],
    subject: mail.subject,
    inReplyTo: mail.inReplyTo ?? null,
    references: mail.references ?? [],
    text: mail.text,
    html: mail.html,
    messageId: `${mail.id}@${sender.account.domain}`,
    headers: {
      'Auto-Submitted': isAnswer ? 'auto-replied' : 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      ...(mail.isBulk ? { Precedence: 'bulk' } : {}),
      ...(mail.list === undefined ? {} : listFields(mail.list, sender.account.domain)),
    },
    attachments: mail.attachments ?? [],
  }
}

// No List-Unsubscribe-Post (RFC 8058): who opens the page is signed in, and a mail scanner switches nothing off.
function listFields({ label, settingsUrl }: NoticeList, domain: string): Record<string, string> {
  return {
    'List-Id': `<${label}.notices.${domain}>`,
    ...(linkUrl(settingsUrl) === null ? {} : { 'List-Unsubscribe': `<${settingsUrl}>` }),
  }
}

/** The page of a member's own notification settings. Never throws. */
export function notificationSettingsUrl(publicUrl: string, accountId: number): string {
  return linkTo(publicUrl, `/app/accounts/${String(accountId)}/settings/notifications`)
}
