// Raw bytes → ParsedMail: the pipeline's first step, run in a worker. A ladder: everything → headers and words →
// headers alone, each rung handling what the one above could not. Header fields are read by our own splitter;
// mailparser decodes the MIME body (RFC 2045–2049).
import { Buffer } from 'node:buffer'

import type { AttachmentStream, MessageText } from 'mailparser'
import { MailParser } from 'mailparser'

import type { RawAttachment } from '../mime/attachments.ts'
import { redeemTicket } from '../mime/body-limits.ts'
import { openTnef } from '../mime/open-tnef.ts'
import type { RepairedMail } from '../mime/raw-repair.ts'
import { repairRaw, unreadMail } from '../mime/raw-repair.ts'
import { readTextOnly } from '../mime/text-only.ts'
import type { ParsedMail } from '../parsed-mail.ts'
import type { MailContent, ParseOptions } from './assemble.ts'
import { assembleMail } from './assemble.ts'

export type { ParseOptions } from './assemble.ts'

const maxHeadSize = 256 * 1024
const empty: MailContent = { text: null, html: null, attachments: [], degraded: null }

/**
 * Reads a mail, whatever its bytes: what cannot be read is missing, and `degraded` says so. `options.reversePath` is
 * what SMTP said. Never throws.
 */
export async function parseMail(raw: Uint8Array, options: ParseOptions = {}): Promise<ParsedMail> {
  let mail: RepairedMail | null = null
  try {
    mail = repairRaw(raw)
    const { content, note } = openTnef(await readContent(mail))
    return assembleMail({ ...mail, note: mail.note ?? note }, content, options)
  } catch (error) {
    return assembleLast(mail, error)
  }
}

// After an internal error: the words without classification, or only the note.
function assembleLast(mail: RepairedMail | null, error: unknown): ParsedMail {
  const degraded = `the mail could not be read: ${error instanceof Error ? error.message : String(error)}`
  try {
    return assembleMail(mail ? { ...mail, parts: [] } : unreadMail, { ...empty, degraded }, {})
  } catch {
    return assembleMail(unreadMail, { ...empty, degraded }, {})
  }
}

async function readContent(mail: RepairedMail): Promise<MailContent> {
  if (mail.isTooMany) return textOnly(mail, 'it has more than 1,000 parts')
  try {
    return await readWithMailparser(mail)
  } catch (error) {
    return textOnly(mail, error instanceof Error ? error.message : String(error))
  }
}

function textOnly({ raw, parts }: RepairedMail, reason: string): MailContent {
  return {
    ...readTextOnly(raw, parts),
    attachments: [],
    degraded: `only headers and text could be read: ${reason}`,
  }
}

function readWithMailparser(mail: RepairedMail): Promise<MailContent> {
  // text/html beside text/plain (not instead of it): the text part then becomes HTML too, so that the HTML is the
  // whole mail
  const isMixed = isMixedText(mail)
  const parser = new MailParser({
    skipHtmlToText: true,
    skipTextToHtml: !isMixed,
    skipImageLinks: true,
    skipTextLinks: true,
    keepDeliveryStatus: true,
    ignoreEmbedded: true,
    checksumAlgo: false,
    maxHeadSize,
  })
  return new Promise((resolve, reject) => {
    const attachments: RawAttachment[] = []
    let content: MailContent = { ...empty, attachments }
    parser.on('data', (data: AttachmentStream | MessageText) => {
      if (data.type === 'text')
        content = { ...content, text: isMixed ? null : (data.text ?? null), html: data.html ?? null }
      else takeAttachment(data, (part) => attachments.push(redeemTicket(mail.raw, mail.limited.files, part)), reject)
    })
    parser.on('end', () => {
      resolve(content)
    })
    parser.on('error', reject)
    for (const piece of mail.forParser) parser.write(piece)
    parser.end()
  })
}

function isMixedText({ words }: RepairedMail): boolean {
  const hasHtmlOutside = words.some((part) => part.contentType === 'text/html' && !part.alternative)
  return hasHtmlOutside && words.some((part) => part.contentType === 'text/plain')
}

function takeAttachment(
  data: AttachmentStream,
  keep: (part: RawAttachment) => void,
  reject: (error: Error) => void,
): void {
  const chunks: Buffer[] = []
  data.content.on('data', (chunk: Buffer) => chunks.push(chunk))
  data.content.on('error', reject)
  data.content.on('end', () => {
    keep({
      filename: data.filename || '',
      contentType: (data.contentType || 'application/octet-stream').toLowerCase(),
      disposition: data.contentDisposition || '',
      contentId: data.cid || null,
      location: locationOf(data),
      charset: charsetOf(data),
      content: Buffer.concat(chunks),
    })
    data.release?.()
  })
}

function locationOf({ headers }: AttachmentStream): string {
  const value = headers.get('content-location')
  return typeof value === 'string' ? value : ''
}

function charsetOf({ headers }: AttachmentStream): string {
  const type = headers.get('content-type') as { readonly params?: Readonly<Record<string, string>> } | undefined
  return type?.params?.['charset'] ?? ''
}
