// From, To, Cc, Bcc, Reply-To: the mailboxes of an address list (RFC 5322 §3.4, obsolete forms of §4.4), groups
// flattened. A hand-written scanner, because 900 KB of address groups cost the usual libraries seconds: every
// character is looked at once.
import { formatAddress, readAddress } from '../address.ts'
import type { Mailbox } from '../parsed-mail.ts'
import { decodeEncodedWords } from './encoded-words.ts'

const maxMailboxes = 2000

interface Scanner {
  readonly text: string
  at: number
  words: string
  /** seen: "Joe Foo, PhD <joe@example.org>". Words without an address begin the name of the next mailbox. */
  carried: string
  /** Kept beside the words: to look for it in them anew at each colon took seconds. */
  hasAt: boolean
  comment: string
  angle: string | null
  /** Closers that do not occur any more, so that nothing is searched twice. */
  readonly missing: Set<string>
  readonly found: Mailbox[]
  /** Words in front of the angle address. */
  wordsBefore: number
  /** Programs may read another address here than we do. */
  doubtful: boolean
  /** A quote, comment or angle that never closes. */
  broken: boolean
}

const maxAuthorLength = 320
const maxCarried = 200

/**
 * The one author of a From value; null when there is none, are several, or programs could disagree on who it is. A
 * display name never decides. Never throws.
 */
export function readAuthor(value: string): Mailbox | null {
  const scanner = scan(value)
  const [author, ...others] = scanner.found
  if (author === undefined || others.length > 0 || scanner.doubtful || author.address.length > maxAuthorLength)
    return null
  return scanner.broken && !isWholeAddress(value) ? null : author
}

// seen: '"Ann <ann@example.org>', 'ann@example.org (Ann'. One "@", and nothing broken behind it: of
// 'ann@example.org".example.net' programs read different domains.
function isWholeAddress(value: string): boolean {
  return value.indexOf('@') === value.lastIndexOf('@') && /@[^\s"<>(),;:]+(?:>?\s*|\s+\([^"<>]*)$/.test(value)
}

/** The mailboxes that can be read; anything else between the commas is left out. Never throws. */
export function readMailboxes(value: string): Mailbox[] {
  return scan(value).found
}

function scan(value: string): Scanner {
  const scanner: Scanner = {
    text: value,
    at: 0,
    words: '',
    carried: '',
    hasAt: false,
    comment: '',
    angle: null,
    missing: new Set(),
    found: [],
    wordsBefore: 0,
    doubtful: false,
    broken: false,
  }
  while (scanner.at < value.length && scanner.found.length < maxMailboxes) step(scanner)
  finish(scanner)
  return scanner
}

function step(scanner: Scanner): void {
  const char = scanner.text[scanner.at] ?? ''
  if (char === '"') quoted(scanner)
  else if (char === '(') comment(scanner)
  else if (char === '<') angle(scanner)
  else if (char === ',' || char === ';') {
    finish(scanner)
    scanner.at++
  } else if (char === ':' && scanner.angle === null && !scanner.hasAt) {
    // a group's name; what follows are its members
    scanner.words = ''
    scanner.carried = ''
    scanner.at++
  } else plain(scanner)
}

function plain(scanner: Scanner): void {
  const special = /["(<,;:]/g
  special.lastIndex = scanner.at + 1
  const next = special.exec(scanner.text)?.index ?? scanner.text.length
  addWords(scanner, scanner.text.slice(scanner.at, next))
  scanner.at = next
}

function addWords(scanner: Scanner, words: string): void {
  scanner.words += words
  scanner.hasAt ||= words.includes('@')
}

function quoted(scanner: Scanner): void {
  const end = closing(scanner, '"', () => {
    for (let i = scanner.at + 1; i < scanner.text.length; i++) {
      if (scanner.text[i] === '\\') i++
      else if (scanner.text[i] === '"') return i
    }
    return -1
  })
  if (end < 0) {
    scanner.at++
    return
  }
  // 'ann@example".org"': programs read different domains
  if (scanner.hasAt) scanner.doubtful = true
  const inner = scanner.text.slice(scanner.at, end + 1)
  // a quoted local part keeps its quotes, a quoted name does not
  addWords(scanner, scanner.text[end + 1] === '@' ? inner : inner.slice(1, -1).replace(/\\(.)/gs, '$1'))
  scanner.at = end + 1
}

function comment(scanner: Scanner): void {
  const end = closing(scanner, ')', () => {
    let depth = 0
    for (let i = scanner.at; i < scanner.text.length; i++) {
      const char = scanner.text[i]
      if (char === '\\') i++
      else if (char === '(') depth++
      else if (char === ')' && --depth === 0) return i
    }
    return -1
  })
  // programs that know no comments see an address here
  if (scanner.text.slice(scanner.at, Math.max(end, scanner.at)).includes('<')) scanner.doubtful = true
  if (isInsideAddress(scanner, end)) scanner.doubtful = true
  if (end >= 0 && scanner.comment === '') scanner.comment = scanner.text.slice(scanner.at + 1, end)
  scanner.at = end < 0 ? scanner.at + 1 : end + 1
}

// 'ann@example(x).org', 'a(x)nn@example.org': programs read different addresses
function isInsideAddress(scanner: Scanner, end: number): boolean {
  const rest = scanner.text.slice(end + 1, end + 1 + maxAuthorLength)
  if (end < 0 || /^(?:$|[\s,;<])/.test(rest)) return false
  return scanner.hasAt || /^[^\s,;<]{1,320}@/.test(rest)
}

function angle(scanner: Scanner): void {
  const end = closing(scanner, '>', () => scanner.text.indexOf('>', scanner.at))
  const comma = end < 0 ? scanner.text.indexOf(',', scanner.at) : end
  const to = comma < 0 ? scanner.text.length : comma
  // of "<a@b> <c@d>" the first counts, but not for an author
  if (scanner.angle !== null) scanner.doubtful = true
  else scanner.wordsBefore = scanner.words.length
  scanner.angle ??= scanner.text.slice(scanner.at + 1, to)
  scanner.at = end < 0 ? to : end + 1
}

function closing(scanner: Scanner, closer: string, find: () => number): number {
  if (scanner.missing.has(closer)) return -1
  const end = find()
  if (end < 0) {
    scanner.missing.add(closer)
    scanner.broken = true
  }
  return end
}

function finish(scanner: Scanner): void {
  const { words, carried, angle: spec, comment: remark } = scanner
  scanner.words = ''
  scanner.carried = ''
  scanner.hasAt = false
  scanner.comment = ''
  scanner.angle = null
  if (spec !== null) {
    if (words.includes('@', scanner.wordsBefore)) scanner.doubtful = true
    add(scanner, spec, words.trim() === '' ? remark : `${carried}${words}`)
  } else if (words.includes('@')) addBare(scanner, words.trim(), remark)
  else if (words.trim() !== '' && scanner.text[scanner.at] === ',')
    scanner.carried = `${carried}${words},`.slice(0, maxCarried)
}

// "user@host" or, without brackets, "Name user@host"
function addBare(scanner: Scanner, words: string, remark: string): void {
  if (words.startsWith('"') || !/\s/.test(words)) {
    add(scanner, words, remark)
    return
  }
  const parts = words.split(/\s+/)
  const specs = parts.filter((part) => part.includes('@'))
  if (specs.length === 1 && specs[0] !== undefined)
    add(scanner, specs[0], parts.filter((part) => part !== specs[0]).join(' '))
  else scanner.doubtful = true
}

function add(scanner: Scanner, spec: string, name: string): void {
  const address = readAddress(spec) ?? readAddress(spec.slice(0, 1000).replace(/\([^()]*\)/g, ''))
  if (!address || isDoubtful(spec)) scanner.doubtful = true
  if (!address) return
  const shown = decodeEncodedWords(name)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  const text = formatAddress(address)
  scanner.found.push({ name: shown === text ? '' : shown, address: text })
}

// Source routes, encoded words in forbidden positions, comments among several "@", undecodable bytes.
function isDoubtful(spec: string): boolean {
  const text = spec.trim()
  return (
    text.length > maxAuthorLength ||
    text.startsWith('@') ||
    text.includes('=?') ||
    (text.includes('(') && text.indexOf('@') !== text.lastIndexOf('@')) ||
    /\S\([^()]*\)\S/.test(text) ||
    /[\p{Cc}\ufffd]/u.test(text)
  )
}
