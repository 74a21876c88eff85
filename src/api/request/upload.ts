// A file as it comes in, never whole in memory: the named part of a form, or the body itself.

import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'

import { Busboy, type BusboyHeaders } from '@fastify/busboy'

import { MailError } from '../../errors.ts'
import { type ApiFault, unprocessable } from '../input/fault.ts'

export interface UploadRule {
  /** Name of the form's field. */
  readonly field: string
  readonly maxBytes: number
  /** Media types of a body that is the file itself. */
  readonly types: readonly string[]
}

/**
 * The file's bytes as they arrive, or null when the request brings none. Reading them throws
 * `MailError('too-large')`, or 422 when the request breaks off.
 */
export async function openUpload(
  request: IncomingMessage,
  rule: UploadRule,
): Promise<AsyncIterable<Uint8Array> | null> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (rule.types.includes(type)) return limited(request.iterator({ destroyOnReturn: false }), rule.maxBytes)
  if (type !== 'multipart/form-data') return null
  const part = await openPart(request, rule.field)
  return part === null ? null : limited(part, rule.maxBytes)
}

function openPart(request: IncomingMessage, field: string): Promise<Readable | null> {
  return new Promise((resolve, reject) => {
    const parser = createParser(request)
    let open: Readable | null = null
    const fail = (): void => {
      if (open === null) reject(cutOff())
      else open.destroy(cutOff())
    }
    parser.on('file', (name: string, stream: Readable) => {
      // seen: a form that ends in the middle of a file, whether anybody reads it or not. Unheard, this error would
      // end the process.
      stream.on('error', fail)
      if (name !== field || open !== null) {
        stream.resume()
        return
      }
      open = stream
      resolve(stream)
    })
    parser.on('error', fail)
    parser.on('finish', () => {
      resolve(null)
    })
    request.on('aborted', fail)
    request.pipe(parser)
  })
}

const cutOff = (): ApiFault => unprocessable('The form is malformed or incomplete')

function createParser(request: IncomingMessage) {
  try {
    return new Busboy({
      headers: request.headers as BusboyHeaders,
      limits: { fields: 100, fieldSize: 64 * 1024, files: 5 },
    })
  } catch {
    throw unprocessable('The form is malformed')
  }
}

async function* limited(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0
  try {
    for await (const chunk of source) {
      size += chunk.length
      if (size > maxBytes)
        throw new MailError('too-large', `a file above ${String(maxBytes)} bytes`, {
          publicMessage: `The file is larger than ${String(Math.floor(maxBytes / 1024 / 1024))} MB`,
        })
      yield chunk
    }
  } catch (error) {
    throw error instanceof MailError ? error : cutOff()
  }
}
