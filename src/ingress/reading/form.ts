// A form as its bytes: nothing is decoded before somebody asks for text, so that 8-bit mail in a field arrives as it was sent.
// multipart/form-data (RFC 7578, every part as a stream of bytes) and application/x-www-form-urlencoded (own decoder). Anything else, or a
// form that is broken or has too many parts, is malformed; nothing is ever cut short.

import type { IncomingHttpHeaders } from 'node:http'

import { Busboy, type BusboyHeaders } from '@fastify/busboy'

import { MailError } from '../../errors.ts'
import { decodeUrlencoded, type FormPart } from './urlencoded.ts'

export interface Form {
  readonly parts: readonly FormPart[]
  /** All values of a field, in order. */
  readonly all: (name: string) => readonly Buffer[]
  /** The last value, or null: what the sender of a mail smuggles in under a field's name comes before the provider's own. */
  readonly last: (name: string) => Buffer | null
  /** The last value as UTF-8, or null. */
  readonly text: (name: string) => string | null
}

const maxParts = 5_000

/** Reads a whole body. Throws `MailError('malformed')`. */
export async function readForm(body: Buffer, headers: IncomingHttpHeaders): Promise<Form> {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (type === 'application/x-www-form-urlencoded') return formOf(await decodeUrlencoded(body, maxParts))
  if (type === 'multipart/form-data') return formOf(await readMultipart(body, headers))
  throw new MailError('malformed', `content-type ${type === '' ? 'missing' : type}, not a form`, { publicMessage: 'The body must be a form' })
}

function formOf(parts: readonly FormPart[]): Form {
  const all = (name: string): Buffer[] => parts.filter((part) => part.name === name).map((part) => part.bytes)
  const last = (name: string): Buffer | null => all(name).at(-1) ?? null
  return { parts, all, last, text: (name) => last(name)?.toString('utf8') ?? null }
}

function readMultipart(body: Buffer, headers: IncomingHttpHeaders): Promise<FormPart[]> {
  return new Promise((resolve, reject) => {
    const broken = (why: string) => {
      reject(new MailError('malformed', `form: ${why}`, { publicMessage: 'The form is malformed' }))
    }
    const parts: (FormPart | null)[] = []
    const parser = createParser(headers, broken)
    if (parser === null) return
    parser.on('file', (...[name, stream, filename, , contentType]) => {
      const at = parts.push(null) - 1
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      // Unheard, it would end the process.
      stream.on('error', (error: Error) => {
        broken(error.message)
      })
      stream.on('end', () => {
        if (stream.truncated) broken('a part was cut short')
        parts[at] = filePart({ name, filename, contentType }, Buffer.concat(chunks))
      })
    })
    for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const)
      parser.on(limit, () => {
        broken('too many parts')
      })
    parser.on('error', (error: unknown) => {
      broken(error instanceof Error ? error.message : 'unreadable')
    })
    parser.on('finish', () => {
      const whole = parts.filter((part) => part !== null)
      if (whole.length < parts.length) broken('it ends in the middle of a part')
      else resolve(whole)
    })
    parser.end(body)
  })
}

function createParser(headers: IncomingHttpHeaders, broken: (why: string) => void) {
  try {
    const limits = { fieldNameSize: 1_000, fileSize: Infinity, files: maxParts, parts: maxParts, headerPairs: 50 }
    return new Busboy({ headers: headers as BusboyHeaders, isPartAFile: () => true, limits })
  } catch (error) {
    broken(error instanceof Error ? error.message : 'unreadable')
    return null
  }
}

// A part without a file's name has none, whatever the type of the parser says.
function filePart({ name, filename, contentType }: { name: string; filename: string | undefined; contentType: string }, bytes: Buffer): FormPart {
  return { name, filename: filename ?? null, contentType, bytes }
}
