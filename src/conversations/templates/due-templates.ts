// The automatic messages of an inbox to a contact: out of office, a greeting, and, if the contact cannot be reached, a
// request for an address. Never sent to automatic mail and lists (RFC 3834 §2).

import type { WorkingDay } from '../records/rows.ts'
import { isOpenAt, isSameDay } from '../records/working-hours.ts'

/** A contact's message, and the conversation as it is now. */
export interface Incoming {
  readonly at: Date
  /** The mail came a day ago or more and became a message only now: it was held, or the service was down. */
  readonly isLate: boolean
  /** Came by mail. */
  readonly byMail: boolean
  /** Automatic or list mail, by its headers. */
  readonly automatic: boolean
  readonly from: string | null
  /** Not of the contact whom our mail would go to. */
  readonly ofAnother: boolean
  readonly blocked: boolean
  /** Their contact's address. */
  readonly email: string | null
  /** The last public message of an agent, a bot or a rule. */
  readonly answered: boolean
  readonly answeredLately: boolean
  /** Time of the last automatic message there. */
  readonly lastTemplateAt: Date | null
  readonly askedForAddress: boolean
}

/** Settings of an inbox. */
export interface InboxSettings {
  readonly isWidget: boolean
  /** Null where it is switched off or has no words. */
  readonly greeting: string | null
  readonly outOfOffice: string | null
  readonly asksForAddress: boolean
  readonly week: readonly WorkingDay[]
  readonly timezone: string
}

export interface Template {
  readonly content: string
  readonly contentType: 'text' | 'input_email'
}

// Chatwoot's own words.
const addressRequest: readonly Template[] = [
  { content: 'Give the team a way to reach you.', contentType: 'text' },
  { content: 'Get notified by email', contentType: 'input_email' },
]

/** The due messages, in order. Never throws. */
export function dueTemplates(incoming: Incoming, settings: InboxSettings): readonly Template[] {
  if (incoming.blocked || incoming.isLate || (incoming.byMail && !isAnswerable(incoming))) return []
  const first = sayClosed(incoming, settings) ?? greet(incoming, settings)
  return [
    ...(first === null ? [] : [{ content: first, contentType: 'text' } as const]),
    ...askForAddress(incoming, settings),
  ]
}

function askForAddress(
  { email, askedForAddress }: Incoming,
  { isWidget, asksForAddress }: InboxSettings,
): readonly Template[] {
  return isWidget && asksForAddress && email === null && !askedForAddress ? addressRequest : []
}

// Once a day, and not during a conversation that continues past closing time.
function sayClosed(incoming: Incoming, { outOfOffice, week, timezone }: InboxSettings): string | null {
  if (
    outOfOffice === null ||
    incoming.answeredLately ||
    (incoming.lastTemplateAt !== null && isSameDay(incoming.lastTemplateAt, incoming.at, timezone))
  )
    return null
  return isOpenAt(week, incoming.at, timezone) ? null : outOfOffice
}

function greet({ answered, lastTemplateAt }: Incoming, { greeting }: InboxSettings): string | null {
  return answered || lastTemplateAt !== null ? null : greeting
}

function isAnswerable({ automatic, ofAnother, from }: Incoming): boolean {
  return !automatic && !ofAnother && hasReader(from)
}

const machines =
  /^(?:(?:no|do-?not|dont)[-_.]?reply|mailer-daemon|postmaster|bounces?|owner-.*|.*-(?:request|owner|bounces?))(?:[-_.+].*)?@/i

function hasReader(address: string | null): boolean {
  return address !== null && address !== '' && !machines.test(address)
}
