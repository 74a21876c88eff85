// The envelope as `rethread relay` and other clients of the relay ingress give it: X-Envelope-From, X-Envelope-To
// (comma-separated). Angle brackets are allowed, local parts may be quoted (RFC 5321 §4.1.2), bytes are UTF-8 (RFC
// 6531). Anything else is malformed: 422.

import type { IncomingHttpHeaders } from 'node:http'

import { MailError } from '../errors.ts'
import type { Envelope } from '../mail/envelope.ts'

const quotedString = String.raw`"(?:[^"\\\p{Cc}]|\\[^\p{Cc}])*"`
const address = new RegExp(String.raw`^(?:${quotedString}|[^"\s,<>@\p{Cc}]+)(?:@[^"\s,<>@\p{Cc}]+)?$`, 'u')

/**
 * The envelope of the request; a missing header means not known, an empty X-Envelope-From or `<>` the null
 * reverse-path. Throws `MailError`.
 */
export function parseEnvelopeHeaders(headers: IncomingHttpHeaders): Envelope {
  const from = headerText(headers, 'x-envelope-from')
  const to = headerText(headers, 'x-envelope-to') ?? ''
  return {
    reversePath: from === null ? null : parsePath(from, 'X-Envelope-From', true),
    recipients: [...new Set(splitList(to).map((path) => parsePath(path, 'X-Envelope-To', false)))],
  }
}

/** One header as text: Node gives bytes as latin1, senders mean UTF-8. Null when it is absent. */
export function headerText(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name]
  if (value === undefined) return null
  return Buffer.from(Array.isArray(value) ? value.join(', ') : value, 'latin1')
    .toString('utf8')
    .trim()
}

// By hand, in one pass: a pattern for "quoted or not, until a comma" takes quadratic time on a quote that never closes.
function splitList(list: string): string[] {
  const parts: string[] = []
  let start = 0
  let isQuoted = false
  for (let i = 0; i < list.length; i += 1) {
    if (isQuoted && list[i] === '\\') i += 1
    else if (list[i] === '"') isQuoted = !isQuoted
    else if (list[i] === ',' && !isQuoted) {
      parts.push(list.slice(start, i))
      start = i + 1
    }
  }
  return list === '' ? [] : [...parts, list.slice(start)].map((part) => part.trim())
}

function parsePath(text: string, header: string, mayBeEmpty: boolean): string {
  const path = /^<(.*)>$/su.exec(text)?.[1]?.trim() ?? text
  if (path === '' && mayBeEmpty) return ''
  if (path.length > 1000 || !address.test(path)) throw malformed(header)
  return path
}

function malformed(header: string): MailError {
  return new MailError('malformed', `${header} is not an address`, { publicMessage: `${header} is malformed` })
}
