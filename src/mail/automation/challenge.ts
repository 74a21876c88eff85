// Signs of a challenge-response system: it asks the sender to prove himself, and looks like a bounce to the careless.
import { readFieldValue } from '../header/split-head.ts'
import { hasNullReversePath } from './bounce.ts'
import type { MailEvidence } from './evidence.ts'

const names =
  /^x-(?:challenge|boxbe|spamarrest|spam-arrest|choicemail|bluebottle|mailinblack|tmda|asks|vanquish|sendio|bitbounce|qurb|cashette)/
const systems =
  /@(?:[a-z0-9-]+\.)*(?:boxbe|spamarrest|bitbounce|mailinblack|spamenmoins|knowspam|digiportal|0spam|bluebottle|sendio)\.[a-z]{2,6}\b|\bantispam@uol\.com\.br\b/i
const subject =
  /^(?:re: .{0,200})?\[?(?:challenge|verification required|sender (?:verification|confirmation)|please (?:confirm|verify) (?:your )?(?:message|e-?mail|mail|sender)|(?:confirm|verify) your (?:message|e-?mail) to|action required: .{0,40}(?:deliver|verif)|your (?:message|e-?mail) .{0,60} (?:requires|awaits|is waiting for) (?:confirmation|verification|approval))/i

/** The sign that says challenge, or null. Never throws. */
export function findChallengeSign(mail: MailEvidence): string | null {
  const field = mail.fields.find((candidate) => names.test(candidate.name))
  if (field) return `${field.name}: ${field.value.slice(0, 200)}`
  const from = readFieldValue(mail.fields, 'from') ?? ''
  if (systems.test(from)) return `From: ${from.slice(0, 200)}`
  if (!isFromMachine(mail)) return null
  const words = mail.text.slice(0, 5000)
  if (subject.test(mail.subject.trim()) && /(?:click|reply|confirm|verify|follow)/i.test(words))
    return `Subject: ${mail.subject.slice(0, 200)}`
  const request = requests.find((pattern) => pattern.test(words))?.exec(words)?.[0]
  return request === undefined ? null : `text: ${request.slice(0, 200)}`
}

// What a machine asks for before it delivers.
const requests = [
  /\ballow incoming (?:messages|mail|e-?mail) only from senders\b/i,
  /\bto (?:let|have|get|release|deliver|complete)\b[^.]{0,60}\b(?:message|e-?mail|delivery)\b[^.]{0,120}\b(?:click|reply|visit|confirm|verify|follow)\b/i,
  /\b(?:click|reply|visit|confirm|verify|follow)\b[^.]{0,120}\bto (?:let|have|get|release|deliver|complete)\b[^.]{0,60}\b(?:message|e-?mail|delivery)\b/i,
  /\bpara que (?:sua|su|a sua) (?:mensage[mn]|mensaje|correo)\b[^.]{0,40}\b(?:entregu|llegue|sea entregad)/i,
  /\bpour que votre (?:message|e-?mail|courriel)\b[^.]{0,40}\b(?:remis|délivré|transmis|distribué)/i,
  /\b(?:damit|um) (?:ihre|deine) (?:nachricht|e-?mail|mail)\b[^.]{0,60}\b(?:zugestellt|zuzustellen|zustellen)\b/i,
]

// "Please confirm my e-mail": people ask that, too.
function isFromMachine(mail: MailEvidence): boolean {
  const submitted = readFieldValue(mail.fields, 'auto-submitted') ?? 'no'
  return (
    hasNullReversePath(mail) ||
    !/^\s*no\b/i.test(submitted) ||
    /^\s*(?:bulk|junk|auto)/i.test(readFieldValue(mail.fields, 'precedence') ?? '')
  )
}
