// The relay ingress of Action Mailbox: POST of one mail, message/rfc822, HTTP Basic actionmailbox:<password>. The
// envelope and client headers are optional (`rethread relay` sends them). 204 the mail is on stable storage, its id
// in X-Inbound-Email-Id, also for a duplicate | 401 credentials | 404 relay is off, or not POST | 413 too large | 415
// not message/rfc822, or compressed | 422 no body, or a malformed envelope header | 429 too many mails of one sender
// | 500 no password is set | 503 or 507 try again later. An empty body is a mail of zero bytes at Rails' path.

import { isIP } from 'node:net'

import type { Request } from 'express'

import { MailError } from '../errors.ts'
import type { Peer, Submission } from '../mail/envelope.ts'
import { checkBasicAuth } from './basic-auth.ts'
import { headerText, parseEnvelopeHeaders } from './envelope-headers.ts'
import type { IngressAdapter } from './http-ingress.ts'
import type { LimitSender } from './sender-limit.ts'

/** The relay ingress with its password; null = none is set, and every mail waits at its sender. */
export function createRelayIngress(password: string | null, limitSender: LimitSender): IngressAdapter {
  return {
    service: 'relay',
    challenge: 'Basic realm="Action Mailbox"',
    answers: {
      accepted: 204,
      duplicate: 204,
      'reject-permanent': 'as-error',
      unread: 'as-error',
      'retry-later': 'as-error',
      unauthenticated: 401,
      forged: 'as-error',
      misconfigured: 500,
    },
    authenticate: async (request) => {
      checkBasicAuth(request.headers.authorization, password)
      checkMediaType(request)
      await limitSender({
        reversePath: parseEnvelopeHeaders(request.headers).reversePath,
        address: peerOf(request.headers).address,
      })
    },
    extract: ({ body, request }) => [extractMail(body, request)],
    logFacts: ({ headers }) =>
      /^[\w.-]{1,64}$/.test(headerText(headers, 'x-queue-id') ?? '') ? { queueId: headers['x-queue-id'] } : {},
  }
}

function checkMediaType({ headers }: Request): void {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase()
  if (type !== 'message/rfc822')
    throw new MailError('unsupported-media', `content-type ${type ?? ''}`, {
      publicMessage: 'Content-Type must be message/rfc822',
    })
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
    throw new MailError('malformed', 'no body', { publicMessage: 'There is no body' })
  }
}

function extractMail(raw: Buffer, { headers, originalUrl }: Request): Submission {
  if (raw.length === 0 && !originalUrl.startsWith('/rails/'))
    throw new MailError('malformed', 'an empty body', {
      publicMessage: 'The body is empty: post the raw mail (curl: --data-binary @mail.eml)',
    })
  return { ingress: 'relay', envelope: parseEnvelopeHeaders(headers), raw, peer: peerOf(headers) }
}

// The socket's address is the MTA, not its client: without X-Client-Address the client is unknown, and SPF has
// nothing to judge.
function peerOf(headers: Request['headers']): Peer {
  const address = headerText(headers, 'x-client-address') ?? ''
  const helo = headerText(headers, 'x-client-helo') ?? ''
  return {
    address: isIP(address) === 0 ? null : address,
    helo: /^[^\s\p{Cc}]{1,300}$/u.test(helo) ? helo : null,
    trusted: true,
  }
}
