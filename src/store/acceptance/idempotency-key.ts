// The key that makes two deliveries the same mail: the content without the trace headers that change per hop (RFC 5321
// §4.4), and the recipients.

import { createHash, type Hash, randomBytes } from 'node:crypto'

import type { Submission } from '../../mail/envelope.ts'

// Written by each hop on the way, or by the provider or relay that hands the mail over.
const traceFields =
  /^(received|return-path|delivered-to|x-original-to|envelope-to|delivery-date|x-envelope-(?:from|to)|x-forwarded-to|authentication-results|received-spf|arc-[a-z-]+|x-received)[ \t]*:/i
// These name a recipient: without an envelope only they distinguish two copies of one mail.
const recipientFields = /^(delivered-to|x-original-to|envelope-to|x-forwarded-to)[ \t]*:/i

/**
 * 32 bytes, equal for a second delivery of the same mail to the same recipients, whatever way it came. Never throws.
 */
export function idempotencyKey(submission: Submission): Buffer {
  return withRecipients(hashContent(submission.raw), submission).digest()
}

/**
 * The same; but of a mail without Message-ID and Date nothing says that two with the same words are one, as alarms are
 * not: it is the same only with the same Received fields, and without them each is another. Never throws.
 */
export function arrivalKey(submission: Submission): Buffer {
  const content = hashContent(submission.raw)
  const hash = withRecipients(content, submission)
  if (!content.isIdentified) hash.update(content.hasTrace ? submission.raw : randomBytes(32))
  return hash.digest()
}

function withRecipients({ hash, named }: Content, { envelope }: Submission): Hash {
  const recipients =
    envelope.recipients.length > 0 ? envelope.recipients.map((address) => address.toLowerCase()) : named
  return hash.update('\0recipients\0').update([...new Set(recipients)].sort().join('\0'))
}

/** 32 bytes, equal for copies of the same mail to any recipients. Never throws. */
export function contentKey(raw: Buffer): Buffer {
  return hashContent(raw).hash.digest()
}

const identifyingFields = /^(message-id|date)[ \t]*:/i

interface Content {
  readonly hash: Hash
  /** Recipients that fields of hops name. */
  readonly named: readonly string[]
  /** It has a Message-ID or a Date. */
  readonly isIdentified: boolean
  readonly hasTrace: boolean
}

function hashContent(raw: Buffer): Content {
  const headEnd = endOfHead(raw)
  const hash = createHash('sha256')
  const named: string[] = []
  let isIdentified = false
  let hasTrace = false
  for (const field of fieldsOf(raw, headEnd)) {
    const start = raw.toString('latin1', field.start, Math.min(field.end, field.start + 64))
    isIdentified ||= identifyingFields.test(start)
    hasTrace ||= /^received[ \t]*:/i.test(start)
    if (recipientFields.test(start)) named.push(raw.toString('latin1', field.start, field.end).trim().toLowerCase())
    if (!traceFields.test(start)) hash.update(raw.subarray(field.start, field.end))
  }
  hash.update(raw.subarray(headEnd))
  return { hash, named, isIdentified, hasTrace }
}

// A mail of header fields alone may have millions: beyond these bounds they are hashed with the body.
const maxHeadBytes = 256 * 1024
const maxHeadLines = 5_000

// The head ends at the first empty line, however its lines end, or at the first line that is not a field: the rest is
// the sender's text.
function endOfHead(raw: Buffer): number {
  let start = 0
  for (let lines = 0; ; lines++) {
    if (lines === maxHeadLines || start >= maxHeadBytes) return start
    const lineEnd = raw.indexOf(0x0a, start)
    const end = lineEnd === -1 ? raw.length : lineEnd + 1
    if (start >= raw.length || !isHeadLine(raw, start, end)) return start
    start = end
  }
}

const isContinuation = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09

function isHeadLine(raw: Buffer, start: number, end: number): boolean {
  if (start > 0 && isContinuation(raw[start]))
    return raw.toString('latin1', start, Math.min(end, start + 1000)).trim() !== ''
  const colon = raw.subarray(start, Math.min(end, start + 128)).indexOf(0x3a)
  return colon > 0 && /^[\x21-\x7e]+[ \t]*$/.test(raw.toString('latin1', start, start + colon))
}

// A field runs to the next line that does not begin with white space.
function* fieldsOf(raw: Buffer, headEnd: number): Generator<{ start: number; end: number }> {
  let start = 0
  let lineEnd = raw.indexOf(0x0a)
  while (lineEnd !== -1 && lineEnd < headEnd) {
    if (!isContinuation(raw[lineEnd + 1])) {
      yield { start, end: lineEnd + 1 }
      start = lineEnd + 1
    }
    lineEnd = raw.indexOf(0x0a, lineEnd + 1)
  }
  if (start < headEnd) yield { start, end: headEnd }
}
