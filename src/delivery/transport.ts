// Outgoing mail: an SMTP server, or, without OUTBOUND_SMTP_URL, files in DATA_DIR/outbox that are not sent. The only
// file that uses nodemailer.

import { randomUUID } from 'node:crypto'
import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'

import nodemailer from 'nodemailer'

import { MailError } from '../errors.ts'

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

/**
 * Resolves with the server's answer once it has taken the mail. Throws `MailError`: of a retrying kind, or
 * `forbidden` when it never will.
 */
export type Send = (mail: OutgoingMail) => Promise<string>

const builder = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: 'windows' })

/** A transport to `url`, or to the outbox folder when there is none. */
export function createTransport(url: string | undefined, outbox: string): { send: Send; close: () => void } {
  if (url === undefined) return { send: async (mail) => writeToOutbox(outbox, mail), close: () => undefined }
  const smtp = nodemailer.createTransport({
    url,
    pool: true,
    maxConnections: 4,
    connectionTimeout: 15_000,
    greetingTimeout: 15_000,
    socketTimeout: 60_000,
  })
  return {
    send: async (mail) => {
      try {
        const info = await smtp.sendMail({
          envelope: { from: mail.envelope.from, to: [...mail.envelope.to] },
          raw: await build(mail),
        })
        return info.response
      } catch (error) {
        throw toSendError(error)
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

function toSendError(error: unknown): MailError {
  const { responseCode: code = 0, command = '' } =
    ((typeof error === 'object' ? error : null) as { responseCode?: number; command?: string } | null) ?? {}
  const message = error instanceof Error ? error.message : String(error)
  // A 5xx to the sender or content is final; one to our password or greeting can be corrected here, and the mail waits.
  const isFinal = code >= 500 && /^(MAIL FROM|RCPT TO|DATA)$/i.test(command)
  return new MailError(isFinal ? 'forbidden' : 'unavailable', message, { publicMessage: message, cause: error })
}
