// Outgoing mail: an SMTP server, or, without OUTBOUND_SMTP_URL, files in DATA_DIR/outbox that are not sent. The only
// file that uses nodemailer.

import { randomUUID } from 'node:crypto'
import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'

import nodemailer from 'nodemailer'

import { MailError } from '../errors.ts'
import { readStatus } from '../mail/automation/dsn.ts'
import { oneLine } from '../mail/compose.ts'

/** A mail ready to leave. Ids without <>. */
export interface OutgoingMail {
  readonly envelope: { readonly from: string; readonly to: readonly string[] }
  readonly from: { readonly name: string; readonly address: string }
  readonly replyTo: { readonly name: string; readonly address: string } | null
  readonly to: readonly string[]
  readonly cc: readonly string[]
  readonly subject: string
  readonly messageId: string
  readonly inReplyTo: string | null
  readonly references: readonly string[]
  readonly text: string
  readonly html: string
  /** Further header fields, e.g. Auto-Submitted. */
  readonly headers: Readonly<Record<string, string>>
  readonly attachments: readonly OutgoingFile[]
}

export interface OutgoingFile {
  readonly filename: string
  readonly contentType: string
  readonly content: Buffer
  /** The HTML shows it under this id (multipart/related, RFC 2387); absent: a file beside the text. */
  readonly contentId?: string | undefined
}

/** A recipient whom the server refused. */
export interface Refusal {
  readonly email: string
  /** RFC 3463; made from the reply code where the server gave none. */
  readonly status: string
  /** The server's words. */
  readonly detail: string
  /** It will not take this recipient later either. */
  readonly isFinal: boolean
}

/** What a server did with a mail. */
export interface HandedOver {
  /** The host that has it; null: the outbox folder. */
  readonly server: string | null
  /** The server's answer; null: it refused every recipient. */
  readonly response: string | null
  /** The id in that answer under which the server logs the mail; null: it gave none. */
  readonly queueId: string | null
  readonly refused: readonly Refusal[]
}

/**
 * Resolves with what the server did for each recipient. Throws `MailError` when it took the mail for nobody for a
 * reason that is not a recipient's: of a retrying kind, or `forbidden` when it never will.
 */
export type HandOver = (mail: OutgoingMail) => Promise<HandedOver>

/** Resolves once the server has taken the mail for a recipient; throws as `HandOver` does, also when it took none. */
export type Send = (mail: OutgoingMail) => Promise<void>

export interface Transport {
  readonly handOver: HandOver
  readonly send: Send
  readonly close: () => void
}

const builder = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: 'windows' })

/** A transport to `url`, or to the outbox folder when there is none. */
export function createTransport(url: string | undefined, outbox: string): Transport {
  const { handOver, close } = url === undefined ? createOutbox(outbox) : createSmtp(url)
  const send: Send = async (mail) => {
    const { response, refused } = await handOver(mail)
    if (response === null) throw refusalOf(refused)
  }
  return { handOver, send, close }
}

/** The error of a mail that the server took for none of its recipients. Never throws. */
export function refusalOf(refused: readonly Refusal[]): MailError {
  const message = refused
    .map(({ detail }) => detail)
    .join(' · ')
    .slice(0, 1_000)
  const isFinal = refused.every((one) => one.isFinal)
  return new MailError(isFinal ? 'forbidden' : 'unavailable', message, { publicMessage: message })
}

function createOutbox(folder: string): Omit<Transport, 'send'> {
  return {
    handOver: async (mail) => {
      const response = await writeToOutbox(folder, mail)
      return { server: null, response, queueId: null, refused: [] }
    },
    close: () => undefined,
  }
}

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

function createSmtp(url: string): Omit<Transport, 'send'> {
  const server = new URL(url).hostname
  const smtp = nodemailer.createTransport({
    url,
    pool: true,
    maxConnections: 4,
    connectionTimeout: 15_000,
    greetingTimeout: 15_000,
    socketTimeout: 60_000,
  })
  return {
    handOver: async (mail) => {
      try {
        const info: SentInfo = await smtp.sendMail({
          envelope: { from: mail.envelope.from, to: [...mail.envelope.to] },
          raw: await build(mail),
        })
        const { response = '', serverMessageId: queueId = null } = info
        return { server, response, queueId, refused: (info.rejectedErrors ?? []).map(toRefusal) }
      } catch (error) {
        const { rejectedErrors = [] } = (error ?? {}) as SentInfo
        if (rejectedErrors.length < mail.envelope.to.length) throw toSendError(error)
        return { server, response: null, queueId: null, refused: rejectedErrors.map(toRefusal) }
      }
    },
    close: () => {
      smtp.close()
    },
  }
}

/**
 * Connects to the server of `url`, with TLS and login as it asks; sends nothing. Throws an error that says what
 * failed.
 */
export async function verifyTransport(url: string, timeoutMs: number): Promise<void> {
  const limits = { connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs }
  const smtp = nodemailer.createTransport({ url, ...limits })
  try {
    await smtp.verify()
  } finally {
    smtp.close()
  }
}

async function build(mail: OutgoingMail): Promise<Buffer> {
  const { message } = await builder.sendMail({
    from: mail.from,
    ...(mail.replyTo === null ? {} : { replyTo: mail.replyTo }),
    to: [...mail.to],
    cc: [...mail.cc],
    subject: mail.subject,
    messageId: `<${mail.messageId}>`,
    ...(mail.inReplyTo === null ? {} : { inReplyTo: `<${mail.inReplyTo}>` }),
    references: mail.references.map((id) => `<${id}>`),
    text: mail.text,
    html: mail.html,
    headers: { ...mail.headers },
    attachments: mail.attachments.map(({ contentId, ...file }) =>
      contentId === undefined ? file : { ...file, cid: contentId, contentDisposition: 'inline' as const },
    ),
    // Messages of agents may name files and addresses; nothing is fetched for them.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return message as Buffer
}

// The file is named after the Message-ID: a mail that is sent twice makes one file.
async function writeToOutbox(folder: string, mail: OutgoingMail): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const raw = await build(mail)
  const envelope = [
    `Return-Path: <${mail.envelope.from}>`,
    ...mail.envelope.to.map((recipient) => `X-Envelope-To: <${recipient}>`),
    '',
  ].join('\r\n')
  const name = `${mail.messageId.replace(/[^\w.@-]+/g, '-').slice(-180)}.eml`
  const temporary = join(folder, `.${randomUUID()}.tmp`)
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(Buffer.concat([Buffer.from(envelope), raw]))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, join(folder, name))
  return `written to ${join(folder, name)}`
}

function toRefusal({ recipient = '', responseCode = 0, response = '' }: RefusalError): Refusal {
  const detail = oneLine(response).slice(0, 500)
  const status = readStatus(detail)
  // "552 too many recipients" is for now (RFC 5321 §4.5.3.1.10).
  const isTooMany = status === '5.5.3' || (responseCode === 552 && status === '5.0.0')
  return { email: recipient, status, detail, isFinal: responseCode >= 500 && !isTooMany }
}

function toSendError(error: unknown): MailError {
  const { responseCode: code = 0, command = '' } =
    ((typeof error === 'object' ? error : null) as { responseCode?: number; command?: string } | null) ?? {}
  const message = error instanceof Error ? error.message : String(error)
  // A 5xx to the sender or content is final; one to our password or greeting can be corrected here, and the mail waits.
  const isFinal = code >= 500 && /^(MAIL FROM|RCPT TO|DATA)$/i.test(command)
  return new MailError(isFinal ? 'forbidden' : 'unavailable', message, { publicMessage: message, cause: error })
}
