// The way out over SMTP: a pool of connections to one server, DKIM signatures (RFC 6376) with a configured key. The TLS
// version of a connection is not noted: nodemailer gives no access to the socket after STARTTLS.

import nodemailer from 'nodemailer'

import type { TransportSettings } from '../../contracts/transport-settings.ts'
import { readStatus } from '../../mail/automation/dsn.ts'
import { oneLine } from '../../mail/compose.ts'
import { type Reach, type Refusal, type Route, TransportError } from '../transport.ts'
import { readSigner } from './dkim.ts'
import { buildMime } from './mime.ts'

interface SentInfo {
  readonly response?: string | undefined
  readonly serverMessageId?: string | undefined
  readonly rejectedErrors?: readonly RefusalError[] | undefined
}
interface RefusalError {
  readonly recipient?: string | undefined
  readonly responseCode?: number | undefined
  readonly response?: string | undefined
}

/** A pool to the server of `url`. Throws `MailError` where the key of DKIM cannot be used. */
export function createSmtp(settings: TransportSettings): Route {
  const { url, host, user } = settings
  const smtp = nodemailer.createTransport({
    url,
    pool: true,
    maxConnections: 4,
    connectionTimeout: 15_000,
    greetingTimeout: 15_000,
    socketTimeout: 60_000,
    ...dkimOf(settings),
  })
  return {
    server: host,
    handOver: async (mail) => {
      try {
        const info: SentInfo = await smtp.sendMail({
          envelope: { from: mail.envelope.from, to: [...mail.envelope.to] },
          raw: await buildMime(mail),
        })
        const { response = '', serverMessageId: queueId = null } = info
        return { server: host, response, queueId, refused: (info.rejectedErrors ?? []).map(toRefusal) }
      } catch (error) {
        const { rejectedErrors = [] } = (error ?? {}) as SentInfo
        if (rejectedErrors.length < mail.envelope.to.length) throw toSendError(error)
        return { server: host, response: null, queueId: null, refused: rejectedErrors.map(toRefusal) }
      }
    },
    verify: async (timeoutMs) => {
      const limits = { connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs }
      const once = nodemailer.createTransport({ url, ...limits })
      try {
        await once.verify()
      } finally {
        once.close()
      }
      return `${new URL(url).host} accepts the connection${user === '' ? '' : ' and login'}`
    },
    close: () => {
      smtp.close()
    },
  }
}

function dkimOf(settings: TransportSettings) {
  const signer = readSigner(settings)
  if (signer === null) return {}
  return { dkim: { domainName: signer.domain, keySelector: signer.selector, privateKey: signer.privateKey } }
}

function toRefusal({ recipient = '', responseCode = 0, response = '' }: RefusalError): Refusal {
  const detail = oneLine(response).slice(0, 500)
  const status = readStatus(detail)
  // "552 too many recipients" is for now (RFC 5321 §4.5.3.1.10).
  const isTooMany = status === '5.5.3' || (responseCode === 552 && status === '5.0.0')
  return { email: recipient, status, detail, isFinal: responseCode >= 500 && !isTooMany }
}

interface SmtpError {
  readonly responseCode?: number
  readonly command?: string
  readonly code?: string
  /** What nodemailer's own code has replaced. */
  readonly originalCode?: string
  readonly syscall?: string
  readonly message?: string
}

function toSendError(error: unknown): TransportError {
  const fault = (typeof error === 'object' ? error : null) as SmtpError | null
  const { responseCode: code = 0, command = '' } = fault ?? {}
  const message = error instanceof Error ? error.message : String(error)
  // A 5xx to the sender or content is final; one to our password or greeting can be corrected here, and the mail waits.
  const isFinal = code >= 500 && /^(MAIL FROM|RCPT TO|DATA)$/i.test(command)
  return new TransportError(isFinal ? 'forbidden' : 'unavailable', message, {
    reach: reachOf(fault ?? {}, code),
    cause: error,
  })
}

// What cannot be told apart from a connection that was cut after the data counts as `unknown`.
function reachOf(fault: SmtpError, responseCode: number): Reach {
  const { code = '', syscall = '', message = '' } = fault
  if (['EAUTH', 'ENOAUTH', 'EDNS', 'ETLS'].includes(code) || isHandshakeFault(fault)) return 'unreached'
  if (['connect', 'getaddrinfo'].includes(syscall)) return 'unreached'
  if (/^(Connection timeout|Greeting never received)/.test(message)) return 'unreached'
  return responseCode > 0 ? 'answered' : 'unknown'
}

// The codes of node:tls are those of a certificate that does not verify: nothing of a mail has left.
function isHandshakeFault({ originalCode = '', message = '' }: SmtpError): boolean {
  return (
    /CERT|CRL|HOSTNAME_MISMATCH|SIGNATURE/.test(originalCode) || /wrong version number|TLS handshake/i.test(message)
  )
}
