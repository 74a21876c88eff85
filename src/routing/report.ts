// Bounces, complaints and read receipts are facts about a message that we sent (RFC 3464, RFC 5965, RFC 8098), never
// messages themselves. Anyone can forge one, so it counts only if it shows knowledge of a mail of that message: its
// reverse-path, or its Message-ID and a recipient.

import type { HeldReason, ReportOnMessage } from '../contracts/decision.ts'
import type { TraceEntry } from '../contracts/trace.ts'
import { addressKey } from '../mail/address.ts'
import { domainOf } from '../mail/authentication/alignment.ts'
import { readOwnMessageId } from '../mail/header/message-id.ts'
import type { ParsedMail } from '../mail/parsed-mail.ts'
import type { Authorised } from './authorise.ts'
import type { Destination } from './destination.ts'
import type { ConversationFacts, Lookup, ThreadFacts } from './lookup.ts'
import type { SpeakerAnswer } from './speaker.ts'

const reports = ['bounce', 'complaint', 'read-receipt'] as const
type Report = (typeof reports)[number]
type ReportMail = ParsedMail & { automation: Report }

/** Ids and recipients looked at in one report. */
const maxNamed = 20

/** True if the mail is a report. */
export function isReport(mail: ParsedMail): mail is ReportMail {
  return reports.some((report) => report === mail.automation)
}

/**
 * The reason why a report does not count: its sender's domain disowns it. A From that is missing is usual in reports.
 * Never throws.
 */
export function heldReasonOfReport({ hold }: SpeakerAnswer): Exclude<SpeakerAnswer['hold'], 'from-missing'> {
  return hold === 'from-missing' ? null : hold
}

/** Matches a report to its outgoing message, or says why it has no effect. Throws only when a lookup does. */
export async function matchReport(
  { mail, reporter }: { readonly mail: ReportMail; readonly reporter: SpeakerAnswer },
  destination: Destination,
  lookup: Lookup,
): Promise<Authorised> {
  const { token, thread: answered } = destination
  const domain = provenSystem(reporter)
  if (token?.role === 'bounce' && token.messageId !== null)
    return matched(
      mail,
      { messageId: token.messageId, origin: { byToken: true, domain } },
      'the reverse-path that it came to belongs to that message',
    )
  const quoted = await findQuoted(mail, destination, lookup)
  for (const message of quoted) {
    const named = await findNamed(mail, message.messageId, lookup)
    if (named === undefined) continue
    return matched(
      mail,
      { messageId: message.messageId, origin: { byToken: false, domain } },
      `it quotes the Message-ID ${message.sourceId} and names its recipient ${named}`,
    )
  }
  const about = quoted[0] ?? token ?? answered
  return unmatched(mail, about?.conversation, quoted.length > 0)
}

async function findNamed(mail: ReportMail, messageId: number, lookup: Lookup): Promise<string | undefined> {
  const recipients = new Set((await lookup.findRecipients(messageId)).map(addressKey))
  return namedBy(mail).find((address) => recipients.has(addressKey(address)))
}

function unmatched(mail: ReportMail, about: ConversationFacts | undefined, isQuoted: boolean): Authorised {
  const why = isQuoted
    ? 'that names no recipient of the message whose Message-ID it quotes'
    : 'about no message that we know'
  const detail = `a ${mail.automation} (${mail.automationEvidence}) ${why}`
  // A mail to a conversation may only look automatic.
  if (about !== undefined) return held(about.id, `${detail}, for conversation ${String(about.displayId)}`)
  return {
    decision: { action: 'ignore', reason: 'report-without-message' },
    entry: { step: 'automation', outcome: 'report-without-message', detail },
  }
}

interface Quoted extends ThreadFacts {
  readonly messageId: number
}

// Ids of our own form without a mark left before there were marks: they can be counted, so quoting one proves nothing.
async function findQuoted(mail: ReportMail, { addressed }: Destination, lookup: Lookup): Promise<Quoted[]> {
  const named = [
    ...mail.deliveries.map((delivery) => delivery.originalMessageId),
    ...mail.inReplyTo,
    ...mail.references,
  ]
  const ids = [...new Set(named)].filter((id) => id !== '' && readOwnMessageId(id)?.mark !== null).slice(0, maxNamed)
  const threads = ids.length === 0 ? [] : await lookup.findThreads(ids)
  return threads
    .filter((thread): thread is Quoted => thread.outgoing && thread.messageId !== null)
    .filter((thread) => addressed(thread.conversation.account))
}

// A receipt comes from the recipient; seen: some name no one else.
function namedBy({ deliveries, automation, from }: ReportMail): string[] {
  const named = deliveries.map(({ recipient }) => recipient).filter((recipient) => recipient !== '')
  if (named.length === 0 && automation === 'read-receipt' && from !== null) return [from.address]
  return named.slice(0, maxNamed)
}

function held(conversationId: number, detail: string): Authorised {
  const reason: HeldReason = 'report-unmatched'
  return {
    decision: { action: 'hold', reason, candidates: [conversationId] },
    entry: { step: 'automation', outcome: reason, detail },
  }
}

// A customer of a mail provider can prove the provider's domain as well, but not write as its postmaster (RFC 2142).
function provenSystem({ from, authentication }: SpeakerAnswer): string | null {
  if (from === null || authentication !== 'pass') return null
  return /^(?:mailer-daemon|postmaster|abuse)@/i.test(from.address) ? domainOf(from.address) : null
}

function matched(
  mail: ReportMail,
  { messageId, origin }: Pick<ReportOnMessage, 'messageId' | 'origin'>,
  evidence: string,
): Authorised {
  const entry: TraceEntry = {
    step: 'automation',
    outcome: mail.automation,
    detail: `about message ${String(messageId)}: ${evidence}`,
  }
  return {
    decision: { action: 'report', reason: mail.automation, messageId, ...(origin === undefined ? {} : { origin }) },
    entry,
  }
}
