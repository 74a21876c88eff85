// Clues in a mail to its conversation: the mails that it answers, its author and their company, its subject without
// reply prefixes, and the numbers that it names. Pure.

import { getDomain } from 'tldts'

import type { ParsedMail } from './parsed-mail.ts'

export interface FilingClues {
  /** Without angle brackets; the nearest first. */
  readonly messageIds: readonly string[]
  /** Lower case; null if From has no author. */
  readonly sender: string | null
  /** Registrable domain of the sender; null for a public mail provider. */
  readonly company: string | null
  /** '' for none, or one that says too little. */
  readonly subject: string
  /** Of conversations: `#123`. */
  readonly displayIds: readonly number[]
  /** Of orders, invoices and the like, in lower case. */
  readonly numbers: readonly string[]
}

const maxIds = 20
const maxNumbers = 10
const maxText = 20_000
const minSubject = 4

// One mark of an answer or a forwarded mail, in the languages of mail clients, or a tag in brackets.
const mark =
  /^(?:(?:re|aw|antw|antwort|sv|vs|rif|r|odp|ref|res|ynt|fwd?|wg|tr|rv|enc|doorst|vb|pd)(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3})?\s*[:：]|\[[^\]]{1,40}\])\s*/iu

/** A subject without the marks of answers and tags, in lower case, its spaces made one. Never throws. */
export function normaliseSubject(subject: string): string {
  let rest = subject.slice(0, 1_000).normalize('NFC').trim()
  for (let round = 0; round < 20; round++) {
    const shorter = rest.replace(mark, '')
    if (shorter === rest) break
    rest = shorter
  }
  return rest.replace(/\s+/gu, ' ').trim().toLowerCase()
}

/** Never throws. */
export function readClues(
  mail: Pick<ParsedMail, 'inReplyTo' | 'references' | 'from' | 'subject' | 'replyText' | 'text'>,
): FilingClues {
  const text = mail.replyText === '' ? mail.text : mail.replyText
  const words = `${mail.subject.slice(0, 1_000)}\n${text.slice(0, maxText)}`
  const sender = mail.from?.address.toLowerCase() ?? null
  const subject = normaliseSubject(mail.subject)
  return {
    messageIds: [...new Set([...mail.inReplyTo, ...mail.references.toReversed()])].slice(0, maxIds),
    sender,
    company: sender === null ? null : companyOf(sender),
    subject: subject.length < minSubject ? '' : subject,
    displayIds: displayIdsIn(words),
    numbers: numbersIn(words),
  }
}

function displayIdsIn(words: string): number[] {
  const found = [...words.matchAll(/(?<![\w&/#])#(\d{1,9})(?!\w)/g)].map(([, digits]) => Number(digits))
  return [...new Set(found)].slice(0, maxNumbers)
}

// At least five signs with four digits, perhaps behind letters: AB-12345, 2026/00417. No dates, times or telephones.
function numbersIn(words: string): string[] {
  const found = [
    ...words.matchAll(/(?<![\w@.+/-])(?:[a-z]{1,6}[-_/]?)?\d{2,12}(?:[-_/]\d{2,12})?(?![\w@:]|[.,]\d)/gi),
  ].map(([number]) => number.toLowerCase())
  const distinctive = found.filter((number) => number.length >= 5 && number.replace(/\D/g, '').length >= 4)
  return [...new Set(distinctive)].slice(0, maxNumbers)
}

// The large public mail providers: two people who use one of them need not belong together.
const publicProviders = new Set(
  (
    'gmail googlemail outlook hotmail live msn yahoo ymail rocketmail aol icloud me mac gmx web t-online ' +
    'freenet posteo mailbox proton protonmail pm zoho yandex mail inbox bk list qq 163 126 sina naver ' +
    'daum hanmail orange wanadoo free laposte sfr libero virgilio tiscali seznam wp o2 onet interia ' +
    'rediffmail fastmail hey tutanota tuta btinternet sky comcast verizon att bellsouth cox'
  ).split(' '),
)

/** True at a public mail provider, such as Gmail. Never throws. */
export function isEverybodys(address: string): boolean {
  const domain = getDomain(address.slice(address.lastIndexOf('@') + 1))
  return domain !== null && publicProviders.has(domain.slice(0, domain.indexOf('.')))
}

function companyOf(address: string): string | null {
  return isEverybodys(address) ? null : getDomain(address.slice(address.lastIndexOf('@') + 1))
}
