// Synthesises a mail of which a provider gives only the parts (RFC 5322, RFC 2045): its header fields, text, HTML and
// files. The same parts make the same bytes, so that a second delivery is recognised. Text is UTF-8 (RFC 6532). Such a
// mail is marked as synthesised.

import { createHash } from 'node:crypto'

export interface MailParts {
  /** In order, as the mail had them, without the fields that describe the coding of the body, which is chosen here. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Fields for mails whose `headers` lack them. */
  readonly fallback?: readonly (readonly [name: string, value: string | null])[]
  readonly text: string | null
  readonly html: string | null
  readonly attachments: readonly PartFile[]
}

export interface PartFile {
  readonly filename: string | null
  readonly contentType: string | null
  /** With or without angle brackets; '' is none. */
  readonly contentId: string | null
  readonly inline: boolean
  readonly bytes: Buffer
}

const ownFields = /^(content-(type|transfer-encoding|disposition|id|length)|mime-version|x-rethread-synthesised)$/i

/** A whole mail. Nothing of the parts can add a field, a line or a part of its own. Never throws. */
export function synthesise(parts: MailParts): Buffer {
  const given = parts.headers.filter(([name]) => /^[\x21-\x39\x3b-\x7e]{1,100}$/.test(name) && !ownFields.test(name))
  const known = new Set(given.map(([name]) => name.toLowerCase()))
  const added = (parts.fallback ?? []).flatMap(([name, value]) =>
    value === null || value === '' || known.has(name.toLowerCase()) ? [] : [[name, value] as const],
  )
  const fields = [...given, ...added].map(([name, value]) => `${name}: ${oneLineOf(value)}\r\n`).join('')
  const head = Buffer.from(`${fields}X-Rethread-Synthesised: yes\r\nMIME-Version: 1.0\r\n`)
  const boundaryOf = boundariesFrom(head, parts)
  const texts = [
    ...(parts.text === null && parts.html !== null ? [] : [textPart('plain', parts.text ?? '')]),
    ...(parts.html === null ? [] : [textPart('html', parts.html)]),
  ]
  const words = multipart('alternative', texts, boundaryOf('words'))
  return Buffer.concat([
    head,
    multipart('mixed', [words, ...parts.attachments.map((file) => filePart(file, parts.html))], boundaryOf('whole')),
  ])
}

// Line breaks become folding white space: the value stays one field.
function oneLineOf(value: string): string {
  return value
    .trim()
    .replaceAll('\0', '')
    .replace(/(?:[\r\n]+[ \t]*)+/g, '\r\n ')
}

// A part with its head, or the only one there is.
function multipart(kind: string, parts: readonly Buffer[], boundary: string): Buffer {
  const [only] = parts
  if (parts.length === 1 && only !== undefined) return only
  const open = Buffer.from(`\r\n--${boundary}\r\n`)
  return Buffer.concat([
    Buffer.from(`Content-Type: multipart/${kind}; boundary="${boundary}"\r\n`),
    ...parts.flatMap((part) => [open, part]),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ])
}

function textPart(kind: 'plain' | 'html', text: string): Buffer {
  return Buffer.concat([
    Buffer.from(`Content-Type: text/${kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n`),
    base64Lines(Buffer.from(text)),
  ])
}

function filePart(file: PartFile, html: string | null): Buffer {
  const name = file.filename === null ? '' : `; filename*=utf-8''${extended(file.filename)}`
  const contentId = file.contentId?.replace(/^<|>$/g, '') ?? ''
  const id = /^[^\s<>\p{Cc}]+$/u.test(contentId) ? `Content-ID: <${contentId}>\r\n` : ''
  // Inline is what the HTML shows: a text file called so would be taken for words of the sender.
  const isInline = file.inline && id !== '' && html?.includes(`cid:${contentId}`) === true
  const disposition = `${isInline ? 'inline' : 'attachment'}${name}`
  const head =
    `Content-Type: ${safeType(file.contentType ?? '')}\r\nContent-Transfer-Encoding: base64\r\n` +
    `${id}Content-Disposition: ${disposition}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), base64Lines(file.bytes)])
}

// RFC 8187 §3.2.1: encodeURIComponent leaves four signs that no ext-value may have.
function extended(filename: string): string {
  return encodeURIComponent(filename.slice(0, 500).toWellFormed()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  )
}

// A message or multipart must not be base64 (RFC 2046 §5.2.1, §5.1): what is inside would be another mail's structure.
function safeType(given: string): string {
  const type = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}/.exec(given)?.[0] ?? 'application/octet-stream'
  return /^(message|multipart)\//i.test(type) ? 'application/octet-stream' : type
}

function base64Lines(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('base64').replace(/.{1,76}/g, '$&\r\n'), 'latin1')
}

// base64 has no `=_`, so no part can hold its boundary (RFC 2045 §6.7).
function boundariesFrom(head: Buffer, parts: MailParts): (name: string) => string {
  const hash = createHash('sha256')
    .update(head)
    .update(parts.text ?? '\0')
    .update(parts.html ?? '\0')
  for (const file of parts.attachments) hash.update(file.bytes)
  const seed = hash.digest('hex').slice(0, 24)
  return (name) => `=_${name}_${seed}`
}
