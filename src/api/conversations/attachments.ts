// GET /attachments/:token/:name serves a file of a message. The address cannot be guessed and needs no further
// authentication. Files come from strangers, so only plain pictures are shown inline. 200, 304, 404.

import { pipeline } from 'node:stream/promises'

import express from 'express'

import type { Download } from '../../conversations/files/attachments.ts'
import type { Ledger } from '../../ledger.ts'
import { encodeName } from '../../links.ts'
import { found } from '../input/fault.ts'

const shownInline = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/bmp'])
// Served under their own type; any other file could run as a script of this origin.
const keepsType = /^(audio|video)\/[\w.+-]+$|^application\/pdf$/

/** Serves attachments; the name in the path is for people only. */
export function createAttachmentRouter(ledger: Pick<Ledger, 'attachments'>): express.Router {
  const router = express.Router()
  router.get(['/attachments/:token', '/attachments/:token/:name'], async (request, response) => {
    const file = found(await ledger.attachments.findDownload(String(request.params['token'])))
    response.set(headersOf(file))
    if (request.headers['if-none-match'] === `"${file.sha256}"`) response.status(304).end()
    else
      await pipeline(file.chunks, response).catch(() => {
        // The client has left, or the file was deleted meanwhile: the answer ends early.
        response.destroy()
      })
  })
  return router
}

function headersOf(file: Download): Record<string, string> {
  const type = file.contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const shown = shownInline.has(type)
  return {
    'content-type': shown || keepsType.test(type) ? type : 'application/octet-stream',
    'content-length': String(file.size),
    'content-disposition':
      `${shown ? 'inline' : 'attachment'}; filename="${asciiName(file.fileName)}"; ` +
      `filename*=UTF-8''${encodeName(file.fileName)}`,
    'content-security-policy': "sandbox; default-src 'none'",
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, max-age=86400',
    etag: `"${file.sha256}"`,
  }
}

function asciiName(name: string): string {
  return name.replace(/[^\x20-\x7e]|["\\%]/g, '_')
}
