// POST …/upload, as Chatwoot has it: a file before the message or the automation rule that carries it, which names it
// by `blob_id`.

import { z } from 'zod'

import type { Ledger } from '../../ledger.ts'
import { attachmentUrl } from '../../links.ts'
import { cleanText } from '../input/clean.ts'
import { unprocessable } from '../input/fault.ts'
import { text } from '../present/kinds.ts'
import { forMember, type Route } from '../request/route.ts'

interface Deps {
  readonly ledger: Pick<Ledger, 'uploads'>
  readonly publicUrl: string
}

const spec = {
  tag: 'Messages',
  summary: 'Upload a file (form field `attachment`) for a message or rule that names it by `blob_id` within a day',
  files: true,
  answer: z.object({ file_url: text, blob_id: text }),
} as const

export function uploadRoutes({ ledger, publicUrl }: Deps): Route[] {
  return [
    forMember('POST /upload', spec, async ({ member, files }) => {
      const file = files.find(({ field }) => field === 'attachment')
      if (file === undefined) throw unprocessable('No file provided: send it as the form field attachment')
      const { token, fileName } = await ledger.uploads.receiveUpload(member.account.id, {
        fileName: cleanText(file.filename),
        contentType: cleanText(file.contentType),
        bytes: file.bytes,
      })
      return { file_url: attachmentUrl(publicUrl, token, fileName), blob_id: token }
    }),
  ]
}
