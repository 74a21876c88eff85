// What the library gets to see of a mail: a head of ordinary size, with few signatures, and none over a part of the
// body. What a stranger adds to a mail must not keep it from being judged, nor cost more than an ordinary mail.

import { domainOf, isAligned } from '../../mail/authentication/alignment.ts'

const maxHeadBytes = 128 * 1024
const maxHeadLines = 2_000
/** Each may ask for a hash of the whole body. */
const maxSignatures = 8

interface Field {
  readonly name: string
  readonly text: string
}

/**
 * The mail without the signatures that do not count: those over a part of the body (l=), and those above 8, of other
 * domains than From's first. Null: the head is too large or too strange to be signed by anyone. Never throws.
 */
export function keepCountedSignatures(raw: Buffer, fromDomain: string): Buffer | null {
  const end = endOfHead(raw)
  const head = raw.toString('latin1', 0, end ?? 0)
  // seen: a run of CR costs the library time by its square
  if (end === null || /\r(?!\n)/.test(head)) return null
  const fields = readFields(head)
  const whole = fields.filter((field) => field.name === 'dkim-signature' && !isPartial(field))
  const isOwn = ({ text }: Field): boolean => isAligned(fromDomain, domainOf(tagOf(text, 'd')) ?? '')
  const counted = [...whole.filter(isOwn), ...whole.filter((field) => !isOwn(field))].slice(0, maxSignatures)
  const isLeftOut = (field: Field): boolean =>
    field.name === 'dkim-signature' ? !counted.includes(field) : field.name.startsWith('arc-') && isPartial(field)
  if (!fields.some(isLeftOut)) return raw
  const kept = fields.map((field) => (isLeftOut(field) ? masked(field) : field.text)).join('')
  return Buffer.concat([Buffer.from(kept, 'latin1'), raw.subarray(end)])
}

// The line behind which the body begins, or the end of a mail that is all head.
function endOfHead(raw: Buffer): number | null {
  let start = 0
  for (let lines = 0; lines < maxHeadLines && start <= maxHeadBytes; lines++) {
    const lineEnd = raw.indexOf(0x0a, start)
    if (lineEnd === -1) return raw.length <= maxHeadBytes ? raw.length : null
    if (raw.toString('latin1', start, Math.min(lineEnd, start + 2)).trim() === '' && lineEnd - start < 2) return start
    start = lineEnd + 1
  }
  return null
}

// As the library divides them: a line that begins with any white space continues the field above it.
function readFields(head: string): Field[] {
  const texts: string[] = []
  for (const line of head.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    if (texts.length > 0 && /^\s/.test(line)) texts.push((texts.pop() ?? '') + line)
    else texts.push(line)
  }
  return texts.map((text) => ({ name: (text.split(':', 1)[0] ?? '').trim().toLowerCase(), text }))
}

const isPartial = ({ text }: Field): boolean => tagOf(text, 'l') !== undefined

// The last of two, as the library reads them.
function tagOf(text: string, name: string): string | undefined {
  return text
    .slice(text.indexOf(':') + 1)
    .split(';')
    .map((tag) => tag.split('='))
    .findLast(([key = '', ...value]) => key.trim().toLowerCase() === name && value.length > 0)
    ?.slice(1)
    .join('=')
    .trim()
}

// A field of the same length that means nothing.
function masked({ text }: Field): string {
  const colon = text.indexOf(':')
  return 'x'.repeat(colon) + text.slice(colon)
}
