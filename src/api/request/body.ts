// Bodies as Chatwoot's clients send them: JSON, urlencoded or multipart alike, a JSON content type without a body, none
// at all. Read only after the caller or the visitor's inbox is known; the bytes in memory are limited for the request,
// and over all requests (body-budget.ts).

import type { IncomingMessage } from 'node:http'

import { MailError } from '../../errors.ts'
import { findExcess } from '../../http-client/json-bounds.ts'
import { clean } from '../input/clean.ts'
import { unprocessable } from '../input/fault.ts'
import { isParameters, nestParameters, type Parameters, parseParameters } from '../input/parameters.ts'
import type { BodyBudget } from './body-budget.ts'
import type { BodyBounds } from './bounds.ts'
import { refuseDeclared, tooLarge } from './declared-size.ts'
import { readForm, type UploadedFile } from './multipart.ts'

export interface Input {
  /** Fields of the query and the body together; the body wins. All text is storable. */
  readonly fields: Parameters
  readonly files: readonly UploadedFile[]
}

interface Reading {
  readonly maxUploadBytes: number
  readonly takesFiles: boolean
  readonly bodyIsFields: boolean
  readonly bodyBudget: BodyBudget
  readonly bounds: BodyBounds
}

/**
 * Reads the input of a request apart from its path; without its body if that is not a form or JSON (`bodyIsFields`).
 * Throws 422 for a malformed body, `MailError` for one too large or encoded.
 */
export async function readInput(
  request: IncomingMessage,
  { maxUploadBytes, takesFiles, bodyIsFields, bodyBudget, bounds }: Reading,
): Promise<Input> {
  const query = parseParameters(queryOf(request), bounds.maxPairs)
  const type = mediaType(request)
  if (!bodyIsFields || !hasBody(request)) return { fields: clean(query), files: [] }
  if (type === 'multipart/form-data') {
    const maxBytes = takesFiles ? maxUploadBytes : bounds.maxTextBytes
    const form = await readForm(request, { maxBytes, takesFiles, bodyBudget, bounds })
    return { fields: clean({ ...query, ...nestParameters(form.pairs, bounds.maxPairs) }), files: form.files }
  }
  const bytes = await readBytes(request, { maxBytes: bounds.maxTextBytes, bodyBudget })
  return { fields: clean({ ...query, ...parseText(type, bytes, bounds) }), files: [] }
}

/** The whole body. Throws `MailError('too-large')` above `maxBytes`, 503 when there is no room for it now. */
export async function readBytes(
  request: IncomingMessage,
  { maxBytes, bodyBudget }: { readonly maxBytes: number; readonly bodyBudget: BodyBudget },
): Promise<Buffer> {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity')
    throw new MailError('unsupported-media', `content-encoding ${encoding}`, {
      publicMessage: 'Content-Encoding is not supported',
    })
  refuseDeclared(request, maxBytes)
  const chunks: Buffer[] = []
  let size = 0
  // A refusal must not destroy the request: its socket still has to send the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw tooLarge(`a body above ${String(maxBytes)} bytes`)
    bodyBudget.take(chunk.length)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parseText(type: string, bytes: Buffer, bounds: BodyBounds): Parameters {
  const isJson = type === 'application/json' || type.endsWith('+json')
  const text = bytes.toString('utf8')
  // seen: `curl -d '{…}'` without a content type.
  if (!isJson && !text.trimStart().startsWith('{')) return parseParameters(text, bounds.maxPairs)
  if (text.trim() === '') return {}
  const excess = findExcess(bytes, bounds.json)
  if (excess !== null) throw unprocessable(`The request ${excess === 'too many values' ? 'has' : 'is'} ${excess}`)
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''))
    return isParameters(value) ? value : {}
  } catch {
    if (!isJson) return parseParameters(text, bounds.maxPairs)
    throw unprocessable('The request body is not valid JSON')
  }
}

function mediaType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

function hasBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
}

function queryOf(request: IncomingMessage): string {
  const url = request.url ?? ''
  const start = url.indexOf('?')
  return start === -1 ? '' : url.slice(start + 1)
}
