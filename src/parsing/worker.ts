// A worker thread that parses mails, a batch a message. A mail that hangs or crashes this thread does not affect the
// thread that accepts mail.

import { parentPort } from 'node:worker_threads'

import type { ParsedMail } from '../mail/parsed-mail.ts'
import { parseMail } from '../mail/parsing/parse.ts'

export interface ParseRequest {
  readonly id: number
  readonly mails: readonly { readonly raw: Uint8Array; readonly reversePath: string | null }[]
}

export interface ParseReply {
  readonly id: number
  readonly mails: readonly ParsedMail[]
}

parentPort?.on('message', (request: ParseRequest) => {
  void Promise.all(request.mails.map(({ raw, reversePath }) => parseMail(raw, { reversePath }))).then((mails) => {
    parentPort?.postMessage({ id: request.id, mails } satisfies ParseReply)
  })
})
