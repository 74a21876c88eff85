// What an inbox says by itself when a contact has written: that it is closed, a greeting, and where it cannot reach
// them, how to leave an address (chatwoot.md §6, Templates). Nothing is said to machines and lists (RFC 3834 §2).

import type { WorkingDay } from '../records/rows.ts'
import { isOpenAt, isSameDay } from '../records/working-hours.ts'

/** A message of a contact, and the conversation as it stands. */
export interface Heard {
  readonly at: Date
  /** Came a day ago or more, and only now is a message: it was held, or we were away. */
  readonly isLate: boolean
  /** Came by mail. */
  readonly byMail: boolean
  /** From a machine or a list, as far as its mail tells. */
  readonly automatic: boolean
  readonly from: string | null
  /** Not of the contact whom our mail would go to. */
  readonly ofAnother: boolean
  readonly blocked: boolean
  /** Their contact's address. */
  readonly email: string | null
  /** In public, by whomever of us. */
  readonly answered: boolean
  readonly answeredLately: boolean
  /** When we last said something by ourselves there. */
  readonly lastTemplateAt: Date | null
  readonly askedForAddress: boolean
}

/** Settings of an inbox. */
export interface Desk {
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

/** What is to be said, in order. Never throws. */
export function dueTemplates(heard: Heard, desk: Desk): readonly Template[] {
  if (heard.blocked || heard.isLate || (heard.byMail && !isAnswerable(heard))) return []
  const first = sayClosed(heard, desk) ?? greet(heard, desk)
  return [...(first === null ? [] : [{ content: first, contentType: 'text' } as const]), ...askForAddress(heard, desk)]
}

function askForAddress({ email, askedForAddress }: Heard, { isWidget, asksForAddress }: Desk): readonly Template[] {
  return isWidget && asksForAddress && email === null && !askedForAddress ? addressRequest : []
}

// Once a day, and not into a talk that goes on past closing time.
function sayClosed(heard: Heard, { outOfOffice, week, timezone }: Desk): string | null {
  if (
    outOfOffice === null ||
    heard.answeredLately ||
    (heard.lastTemplateAt !== null && isSameDay(heard.lastTemplateAt, heard.at, timezone))
  )
    return null
  return isOpenAt(week, heard.at, timezone) ? null : outOfOffice
}

function greet({ answered, lastTemplateAt }: Heard, { greeting }: Desk): string | null {
  return answered || lastTemplateAt !== null ? null : greeting
}

function isAnswerable({ automatic, ofAnother, from }: Heard): boolean {
  return !automatic && !ofAnother && hasReader(from)
}

const machines =
  /^(?:(?:no|do-?not|dont)[-_.]?reply|mailer-daemon|postmaster|bounces?|owner-.*|.*-(?:request|owner|bounces?))(?:[-_.+].*)?@/i

function hasReader(address: string | null): boolean {
  return address !== null && address !== '' && !machines.test(address)
}
