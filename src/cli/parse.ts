// `rethread parse FILE… | -`: offline, one JSON line per mail. Reads files or standard input. Exit 0; 66 (EX_NOINPUT)
// when a file could not be read, the others being printed all the same; 64 (EX_USAGE) without a file.
import { Buffer } from 'node:buffer'
import { createReadStream } from 'node:fs'

import type { ParsedAttachment, ParsedMail } from '../mail/parsed-mail.ts'
import { parseMail } from '../mail/parsing/parse.ts'
import { printable, printError } from './print.ts'

const usage = 'usage: rethread parse FILE… | -'

/** Prints one line per mail and gives the exit status. Whatever the bytes, there is a line. Never throws. */
export async function run(args: string[]): Promise<number> {
  const files = args.filter((arg) => arg === '-' || !arg.startsWith('-'))
  if (files.length === 0) {
    printError(usage)
    return 64
  }
  let status = 0
  for (const file of files) {
    const raw = await readRaw(file)
    if (raw instanceof Error) {
      printError(`rethread parse: ${file}: ${raw.message}`)
      status = 66
    } else await writeLine(JSON.stringify(presentMail(file, await parseMail(raw))))
  }
  return status
}

async function readRaw(file: string): Promise<Buffer | Error> {
  try {
    const chunks: Buffer[] = []
    const source: AsyncIterable<Buffer> = file === '-' ? process.stdin : createReadStream(file)
    for await (const chunk of source) chunks.push(chunk)
    return Buffer.concat(chunks)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

// Waits until the line is written, so that a slow reader of a large run costs no memory.
function writeLine(line: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(printable(line) + '\n', () => {
      resolve()
    })
  })
}

// Key order as in the contract.
function presentMail(file: string, mail: ParsedMail): object {
  const {
    messageId,
    inReplyTo,
    references,
    replyTo,
    to,
    cc,
    subject,
    date,
    text,
    html,
    replyText,
    automation,
    deliveries,
    degraded,
  } = mail
  const from = mail.from ?? { name: '', address: '' }
  const attachments = mail.attachments.map(presentAttachment)
  return {
    file,
    messageId,
    inReplyTo,
    references,
    from,
    replyTo,
    to,
    cc,
    subject,
    date,
    text,
    html,
    replyText,
    automation,
    deliveries,
    attachments,
    degraded,
  }
}

function presentAttachment(attachment: ParsedAttachment): object {
  const { filename, contentType, size, sha256, contentId, inline } = attachment
  return { filename, contentType, size, sha256, contentId, inline }
}
