// Message-ID, In-Reply-To and References (RFC 5322 §3.6.4) as ids without "<>", whatever clients and gateways did to
// them. Threading compares these ids, so every reader in the house takes them from here.
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'

import { decodeEncodedWords } from './encoded-words.ts'

const maxIds = 500
// An index row holds no more; RFC 5322 §2.1.1 would allow 998 in a line.
const maxIdBytes = 600

/**
 * Every id in an In-Reply-To or References value, in order, each once; folding inside an id is undone. Never throws.
 */
export function readMessageIds(value: string): string[] {
  // seen: gateways wrap long ids as encoded words
  const text = decodeEncodedWords(value)
  const ids = new Set<string>()
  const keep = (id: string): void => {
    const own = storableId(id)
    if (own !== '' && ids.size < maxIds) ids.add(own)
  }
  if (text.includes('<')) {
    for (const piece of text.split('<').slice(1)) keep(bareId(piece))
  } else {
    // seen: no brackets at all; a word counts as an id only with an "@" in it
    for (const word of text.split(/[\s,>]+/)) if (/^[^@]+@[^@]+$/.test(word)) keep(word)
  }
  return [...ids]
}

// Up to ">", or up to the first blank when the bracket never closes; blanks inside are what folding left.
function bareId(piece: string): string {
  const end = piece.indexOf('>')
  const inner = end < 0 ? (piece.trim().split(/\s/, 1)[0] ?? '') : piece.slice(0, end)
  return inner.startsWith('"') ? inner.trim() : inner.replace(/\s+/g, '')
}

/**
 * The id of a Message-ID field, or null if there is none. An id without brackets or "@" counts as it is. Never throws.
 */
export function readMessageId(value: string | null): string | null {
  if (value === null) return null
  const [first] = readMessageIds(value)
  if (first !== undefined) return first
  const word = storableId(value.trim().replace(/^<|>$/g, ''))
  return word === '' || /\s/.test(word) ? null : word
}

// Without control characters; a long id gives way to its hash, the same one wherever the id is read, so that threads
// still hold together.
function storableId(id: string): string {
  const clean = id.replace(/\p{Cc}/gu, '').toWellFormed()
  return Buffer.byteLength(clean) <= maxIdBytes
    ? clean
    : `sha256-${createHash('sha256').update(clean).digest('hex')}@long-id`
}

/**
 * The id under which a message of a conversation leaves as mail. `mark`: 32 hex digits that cannot be guessed, as the
 * number can be counted. Never throws.
 */
export function formatOwnMessageId({
  uuid,
  messageId,
  mark,
  domain,
}: {
  readonly uuid: string
  readonly messageId: number
  readonly mark: string
  readonly domain: string
}): string {
  return `conversation/${uuid}/messages/${String(messageId)}/${mark}@${domain}`
}

const ownMessageId =
  /^conversation\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\/messages\/(\d{1,10})(?:\/([0-9a-f]{32}))?@/i

/** Parses such an id; null if it is none. `mark` is null in ids from before marks existed. Never throws. */
export function readOwnMessageId(
  id: string,
): { readonly uuid: string; readonly messageId: number; readonly mark: string | null } | null {
  const [, uuid = '', number = '', mark = null] = ownMessageId.exec(id) ?? []
  const messageId = Number(number)
  return uuid === '' || messageId >= 2 ** 31 ? null : { uuid, messageId, mark }
}

/** The id as written in a header field. Never throws. */
export function formatMessageId(id: string): string {
  return `<${id}>`
}
