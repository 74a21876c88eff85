// Forms with files (RFC 7578), read into memory within the limits of the caller. Unexpected files are skipped.

import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'

import { Busboy, type BusboyHeaders } from '@fastify/busboy'

import { toMailError } from '../../errors.ts'
import { unprocessable } from '../input/fault.ts'
import type { BodyBudget } from './body-budget.ts'
import type { BodyBounds } from './bounds.ts'
import { refuseDeclared, tooLarge } from './declared-size.ts'

export interface UploadedFile {
  /** Name of the form field, brackets and all. */
  readonly field: string
  readonly filename: string
  readonly contentType: string
  readonly bytes: Buffer
}

export interface Form {
  readonly pairs: readonly (readonly [string, string])[]
  readonly files: readonly UploadedFile[]
}

export interface FormRule {
  readonly maxBytes: number
  readonly takesFiles: boolean
  readonly bodyBudget: BodyBudget
  readonly bounds: BodyBounds
}

/**
 * The fields and files of a form. Throws `MailError('too-large')` above `maxBytes`, 422 when the form is malformed,
 * 503 when there is no room for it now.
 */
export async function readForm(
  request: IncomingMessage,
  { maxBytes, takesFiles, bodyBudget, bounds }: FormRule,
): Promise<Form> {
  refuseDeclared(request, maxBytes)
  const parser = createParser(request, bounds)
  const pairs: [string, string][] = []
  const files: UploadedFile[] = []
  let total = 0
  return new Promise<Form>((resolve, reject) => {
    const fail = (error: Error) => {
      request.off('data', count).unpipe(parser)
      reject(error)
    }
    const count = (chunk: Buffer) => {
      total += chunk.length
      try {
        if (total > maxBytes) throw tooLarge(`a form above ${String(maxBytes)} bytes`)
        bodyBudget.take(chunk.length)
      } catch (error) {
        fail(toMailError(error))
      }
    }
    parser.on('field', (...[name, value, nameTruncated, valueTruncated]) => {
      if (nameTruncated || valueTruncated) fail(tooLarge('a form field too large'))
      pairs.push([name, value])
    })
    parser.on('file', (...[field, stream, filename, , contentType]) => {
      // seen: a form that ends in the middle of a file. Unheard, this error would end the process.
      stream.on('error', () => {
        fail(unprocessable('The form is malformed'))
      })
      // seen: browsers write a quotation mark as %22, and no name at all for a file field left empty.
      const name = ((filename as string | undefined) ?? '').replaceAll('%22', '"')
      if (takesFiles) gather(stream, (bytes) => files.push({ field, filename: name, contentType, bytes }))
      else stream.resume()
    })
    for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const)
      parser.on(limit, () => {
        fail(unprocessable('The form has too many parts'))
      })
    parser.on('error', () => {
      fail(unprocessable('The form is malformed'))
    })
    parser.on('finish', () => {
      resolve({ pairs, files })
    })
    request.on('aborted', () => {
      fail(unprocessable('The request is incomplete'))
    })
    request.on('data', count).pipe(parser)
  })
}

function gather(stream: Readable, onEnd: (bytes: Buffer) => unknown): void {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.on('end', () => {
    onEnd(Buffer.concat(chunks))
  })
}

function createParser(request: IncomingMessage, { maxTextBytes, maxPairs, maxFiles }: BodyBounds) {
  const limits = {
    fieldNameSize: 1_000,
    fieldSize: Math.min(maxTextBytes, 2 * 1024 * 1024),
    fields: Math.min(maxPairs, 1_000),
    files: maxFiles,
    parts: Math.min(maxPairs, 1_000) + maxFiles,
    headerPairs: 20,
  }
  try {
    return new Busboy({ headers: request.headers as BusboyHeaders, limits })
  } catch {
    throw unprocessable('The form is malformed')
  }
}
