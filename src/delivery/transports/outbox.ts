// Mail of an installation without a transport: files in DATA_DIR/outbox that are not sent.

import { randomUUID } from 'node:crypto'
import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'

import type { OutgoingMail, Route } from '../transport.ts'
import { buildMime } from './mime.ts'

/** Writes each mail as a file, its envelope first. */
export function createOutbox(folder: string): Route {
  return {
    server: null,
    handOver: async (mail) => {
      const response = await writeToOutbox(folder, mail)
      return { server: null, response, queueId: null, refused: [] }
    },
    verify: () => Promise.resolve(folder),
    close: () => undefined,
  }
}

// The file is named after the Message-ID: a mail that is sent twice makes one file.
async function writeToOutbox(folder: string, mail: OutgoingMail): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const raw = await buildMime(mail)
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
