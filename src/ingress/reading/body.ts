// Reads the body of an HTTP request as bytes, within the size limit, the shared budget and a minimum pace.
// Before any parser of express: a mail is never decoded on its way in, and a parser would cost as much as all the rest.
// Faults: too-large (413, unread when Content-Length says so) | unsupported-media (415, compressed) | unavailable
// (503, no room in memory now, or too slow). A client that goes away gets no answer, and nothing of its mail stays.

import type { IncomingMessage } from 'node:http'

import { MailError } from '../../errors.ts'
import type { Intake, IntakeLimits } from './intake.ts'
import { createIntake } from './intake.ts'

/**
 * The whole body, in an intake that the caller releases, or null if the client left. Throws `MailError`; then nothing
 * is held.
 */
export async function readBody(request: IncomingMessage, limits: IntakeLimits): Promise<Intake | null> {
  refuseUnread(request, limits.maxBytes)
  const { intake, complete } = await gather(request, limits)
  const fault = intake.fault()
  if (complete && fault === null) return intake
  intake.release()
  if (fault !== null) throw httpFault(fault)
  return null
}

// A lack of memory passes without action: in HTTP that is 503, while 507 asks for free disk space.
function httpFault(fault: MailError): MailError {
  return fault.kind === 'storage-full'
    ? new MailError('unavailable', fault.message, { publicMessage: fault.publicMessage })
    : fault
}

function refuseUnread({ headers }: IncomingMessage, maxBytes: number): void {
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding.toLowerCase() !== 'identity') {
    throw new MailError('unsupported-media', `content-encoding ${encoding}`, {
      publicMessage: 'Send the body uncompressed',
    })
  }
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw new MailError('too-large', 'declared too large')
}

function gather(request: IncomingMessage, limits: IntakeLimits): Promise<{ intake: Intake; complete: boolean }> {
  return new Promise((resolve) => {
    const settle = (complete: boolean) => {
      resolve({ intake, complete })
    }
    const intake = createIntake(limits, () => {
      settle(false)
    })
    request.on('data', (chunk: Buffer) => {
      intake.add(chunk)
      // Unlike SMTP, HTTP may answer before the last byte.
      if (intake.fault() !== null) settle(false)
    })
    request.on('end', () => {
      settle(request.complete)
    })
    request.on('error', () => {
      settle(false)
    })
    request.on('close', () => {
      settle(false)
    })
  })
}
