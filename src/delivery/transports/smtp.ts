// The way out over SMTP: a pool of connections to one server, DKIM signatures (RFC 6376) with a configured key.

import { readFileSync } from 'node:fs'

import nodemailer from 'nodemailer'

import type { TransportSettings } from '../../contracts/transport-settings.ts'
import { readStatus } from '../../mail/automation/dsn.ts'
import { oneLine } from '../../mail/compose.ts'
import { type Reach, type Refusal, type Route, TransportError } from '../transport.ts'
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

/** A pool to the server of `url`. Throws where the key of DKIM cannot be read. */
export function createSmtp({ url, host, user, options }: TransportSettings): Route {
  const smtp = nodemailer.createTransport({
    url,
    pool: true,
    maxConnections: 4,
    connectionTimeout: 15_000,
    greetingTimeout: 15_000,
    socketTimeout: 60_000,
    ...dkimOf(options),
  })
  return {
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

function dkimOf(options: TransportSettings['options']) {
  const { dkim_domain: domainName, dkim_selector: keySelector, dkim_key: file } = options
  if (domainName === undefined || keySelector === undefined || file === undefined) return {}
  return { dkim: { domainName, keySelector, privateKey: readFileSync(file, 'utf8') } }
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
function reachOf({ code = '', syscall = '', message = '' }: SmtpError, responseCode: number): Reach {
  if (['EAUTH', 'ENOAUTH', 'EDNS', 'ETLS'].includes(code)) return 'unreached'
  if (['connect', 'getaddrinfo'].includes(syscall)) return 'unreached'
  if (/^(Connection timeout|Greeting never received)/.test(message)) return 'unreached'
  return responseCode > 0 ? 'answered' : 'unknown'
}
