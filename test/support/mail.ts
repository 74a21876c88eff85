// Mails for tests, written byte by byte: nothing here normalises what a test wants to say. And the reading of what we
// sent.

export type Fields = Readonly<Record<string, string | readonly string[] | undefined>>

let count = 0

/** A Message-ID that no other mail of the run has, without <>. */
export function freshId(): string {
  return `${String(++count)}.${Date.now().toString(36)}.${Math.random().toString(36).slice(2)}@mua.example`
}

/** Words that no other mail of the run has. */
export function freshWords(): string {
  return `words-${String(++count)}-${Math.random().toString(36).slice(2)}`
}

/**
 * A mail with CRLF ends; a Message-ID is added unless `Message-ID` is given. A list gives the field more than once,
 * undefined leaves it out.
 */
export function mail(fields: Fields, body = 'Hello.'): Buffer {
  const all: Fields = { 'Message-ID': `<${freshId()}>`, ...fields }
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined
      ? []
      : (Array.isArray(value) ? (value as string[]) : [value as string]).map((one) => `${name}: ${one}`),
  )
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}\r\n`, 'utf8')
}

export interface SentMail {
  readonly bytes: Buffer
  /** The first lines: whom the envelope names. */
  readonly reversePath: string
  readonly recipients: readonly string[]
  /** A field of the mail itself, unfolded; null when it is not there. */
  readonly field: (name: string) => string | null
  /** The address of a field: what stands between < and >. */
  readonly address: (name: string) => string
  /** Head and body, without the soft line breaks of quoted-printable (RFC 2045 §6.7). */
  readonly text: string
}

/** Reads a file of the outbox: envelope lines first, then the mail. */
export function readSent(bytes: Buffer): SentMail {
  const text = bytes.toString('latin1')
  const head = text
    .slice(0, text.indexOf('\r\n\r\n'))
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
  const envelope = head.filter((line) => /^X-Envelope-To: /.test(line))
  const field = (name: string) =>
    head.find((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}: `))?.slice(name.length + 2) ?? null
  const inside = (value: string | null | undefined) => /<([^<>]*)>/.exec(value ?? '')?.[1] ?? value ?? ''
  if (head[0]?.startsWith('Return-Path: ') !== true)
    throw new Error(`the first line is not Return-Path: ${head[0] ?? ''}`)
  return {
    bytes,
    reversePath: inside(head[0]),
    recipients: envelope.map(inside),
    field,
    address: (name) => inside(field(name)),
    text: text.replaceAll('=\r\n', ''),
  }
}
