// A form as its bytes: nothing is decoded before text is requested, so that 8-bit mail in a field arrives as it
// was sent. multipart/form-data (multipart.ts) and application/x-www-form-urlencoded (own decoder). Anything else, or
// a form that is broken or has too many parts, is malformed; nothing is ever cut short.

import type { IncomingHttpHeaders } from 'node:http'

import { MailError } from '../../errors.ts'
import { usualParts } from './bounds.ts'
import { cutMultipart } from './multipart.ts'
import { decodeUrlencoded, type FormPart } from './urlencoded.ts'

export interface Form {
  readonly parts: readonly FormPart[]
  /** All values of a field, in order. */
  readonly all: (name: string) => readonly Buffer[]
  /**
   * The last value, or null: what the sender of a mail smuggles in under a field's name comes before the provider's
   * own.
   */
  readonly last: (name: string) => Buffer | null
  /** The last value as UTF-8, or null. */
  readonly text: (name: string) => string | null
}

/** Reads a whole body. Throws `MailError('malformed')`, also above `maxParts`. */
export async function readForm(body: Buffer, headers: IncomingHttpHeaders, maxParts = usualParts): Promise<Form> {
  const contentType = headers['content-type'] ?? ''
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? ''
  if (type === 'application/x-www-form-urlencoded') return formOf(await decodeUrlencoded(body, maxParts))
  if (type === 'multipart/form-data') return formOf(await cutMultipart(body, contentType, maxParts))
  throw new MailError('malformed', `content-type ${type === '' ? 'missing' : type}, not a form`, {
    publicMessage: 'The body must be a form',
  })
}

function formOf(parts: readonly FormPart[]): Form {
  const all = (name: string): Buffer[] => parts.filter((part) => part.name === name).map((part) => part.bytes)
  const last = (name: string): Buffer | null => all(name).at(-1) ?? null
  return { parts, all, last, text: (name) => last(name)?.toString('utf8') ?? null }
}
