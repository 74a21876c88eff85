// multipart/form-data (RFC 7578) cut out of its body: each part is a view on the same bytes, so a form takes no more
// memory than its body. The number of parts and the size of a part's head are bounded while cutting; long forms give
// way to other requests in between.

import { setImmediate as nextTurn } from 'node:timers/promises'

import { MailError } from '../../errors.ts'
import type { FormPart } from './urlencoded.ts'

const maxHead = 8 * 1024
// A turn of the event loop searches so many bytes or cuts so many parts.
const windowBytes = 8 * 1024 * 1024
const partsATurn = 100

/** The parts in order. Throws `MailError('malformed')`, also above `maxParts`. */
export async function cutMultipart(body: Buffer, contentType: string, maxParts: number): Promise<FormPart[]> {
  const boundary = boundaryOf(contentType)
  if (boundary === null) throw broken('no boundary')
  const parts: FormPart[] = []
  // The first boundary has no line before it.
  const first = boundary.subarray(2)
  let start = body.subarray(0, first.length).equals(first) ? first.length : await afterFirst(body, boundary)
  for (;;) {
    if (body[start] === 0x2d && body[start + 1] === 0x2d) return parts
    const head = await endOfLine(body, start)
    const next = await find(body, boundary, head)
    if (next === -1) throw broken('it ends in the middle of a part')
    parts.push(partOf(body.subarray(head, next)))
    if (parts.length > maxParts) throw broken('too many parts')
    if (parts.length % partsATurn === 0) await nextTurn()
    start = next + boundary.length
  }
}

function broken(why: string): MailError {
  return new MailError('malformed', `form: ${why}`, { publicMessage: 'The form is malformed' })
}

// RFC 2046 §5.1.1: up to 70 characters, none of them a line end; the search below relies on that.
function boundaryOf(contentType: string): Buffer | null {
  const [, quoted, bare] =
    /;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s";,]{1,70}))/i.exec(contentType.slice(0, 1_000)) ?? []
  const boundary = quoted ?? bare
  return boundary === undefined ? null : Buffer.from(`\r\n--${boundary}`, 'latin1')
}

async function afterFirst(body: Buffer, boundary: Buffer): Promise<number> {
  const at = await find(body, boundary, 0)
  if (at === -1) throw broken('no part')
  return at + boundary.length
}

// In windows: a native search of a hundred megabytes would hold the event loop.
async function find(body: Buffer, wanted: Buffer, from: number): Promise<number> {
  for (let start = from; start < body.length; start += windowBytes) {
    if (start > from) await nextTurn()
    const at = body.subarray(start, start + windowBytes + wanted.length - 1).indexOf(wanted)
    if (at !== -1) return start + at
  }
  return -1
}

// White space may follow a boundary. The line end stays: an empty part's own boundary begins with it.
async function endOfLine(body: Buffer, start: number): Promise<number> {
  const end = await find(body.subarray(0, start + 1_000), Buffer.from('\r\n'), start)
  if (end === -1 || body.toString('latin1', start, end).trim() !== '') throw broken('no line after a boundary')
  return end
}

function partOf(part: Buffer): FormPart {
  const end = part.subarray(0, maxHead).indexOf('\r\n\r\n')
  if (end === -1) throw broken('a part without a head, or with one too large')
  const fields = part
    .toString('utf8', 0, end)
    .replace(/\r\n[ \t]/g, ' ')
    .split('\r\n')
  const valueOf = (name: string): string =>
    fields.find((field) => field.toLowerCase().startsWith(`${name}:`))?.slice(name.length + 1) ?? ''
  const parameters = parametersOf(valueOf('content-disposition'))
  const name = parameters.get('name')
  if (name === undefined || name.length > 1_000) throw broken('a part without a name, or with one too long')
  return {
    name,
    filename: filenameOf(parameters),
    contentType: valueOf('content-type').split(';')[0]?.trim() || 'text/plain',
    bytes: part.subarray(end + 4),
  }
}

// RFC 7578 §4.2 forbids `filename*`, and some senders write it all the same (RFC 8187).
function filenameOf(parameters: ReadonlyMap<string, string>): string | null {
  const extended = /^utf-8'[^']*'(.*)$/i.exec(parameters.get('filename*') ?? '')?.[1]
  const name = extended === undefined ? parameters.get('filename') : decoded(extended)
  return name === undefined ? null : (name.split(/[/\\]/).at(-1) ?? '')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

// `form-data; name="a"; filename="b"`: one walk, in which quotation marks protect a semicolon.
function parametersOf(value: string): Map<string, string> {
  const parameters = new Map<string, string>()
  let start = 0
  let isQuoted = false
  for (let at = 0; at <= value.length; at++) {
    if (isQuoted && value[at] === '\\') at++
    else if (value[at] === '"') isQuoted = !isQuoted
    else if (at >= value.length || (value[at] === ';' && !isQuoted)) {
      const one = value.slice(start, at)
      const equals = one.indexOf('=')
      if (equals !== -1)
        parameters.set(one.slice(0, equals).trim().toLowerCase(), unquoted(one.slice(equals + 1).trim()))
      start = at + 1
    }
  }
  return parameters
}

// seen: browsers write a path with backslashes; only quotation marks and backslashes are escaped.
function unquoted(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"')
    ? text.slice(1, -1).replace(/\\(["\\])/g, '$1')
    : text
}
