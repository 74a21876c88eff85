// GET /image-proxy/:messageId: a picture that a mail names elsewhere, fetched by us so that its sender does not learn
// who reads it. The signed link is the permission: a frame that shows a mail sends no cookies. 200, 403, 404, 413,
// 415, 502.

import express, { type Response } from 'express'

import type { ErrorKind } from '../../errors.ts'
import { MailError } from '../../errors.ts'
import type { FetchPicture } from '../../http-client/guarded-picture.ts'
import type { Ledger } from '../../ledger.ts'
import { remoteUrl } from '../../mail/html/remote-pictures.ts'
import { idOf } from '../input/fields.ts'

const sentences: Readonly<Partial<Record<ErrorKind, readonly [status: number, sentence: string]>>> = {
  forbidden: [502, 'The picture is at an address that is not asked'],
  'unsupported-media': [415, 'The address does not hold a picture'],
  'too-large': [413, 'The picture is too large'],
}

export function createPictureProxy(
  ledger: Pick<Ledger, 'pictureLinks'>,
  fetchPicture: FetchPicture | undefined,
): express.Router {
  const router = express.Router()
  router.get('/image-proxy/:messageId', async (request, response) => {
    const [url, expires, sig] = ['url', 'expires', 'sig'].map((name) => request.query[name])
    const link = {
      messageId: idOf(request.params['messageId']),
      url: typeof url === 'string' ? url : '',
      expires: idOf(expires),
      signature: typeof sig === 'string' ? sig : '',
    }
    if (!ledger.pictureLinks.isGood(link)) {
      refuse(response, 403, 'The link to this picture is not good any more: load the message again')
      return
    }
    const target = remoteUrl(link.url)
    if (target === null || fetchPicture === undefined) {
      refuse(response, 404, 'There is no picture')
      return
    }
    try {
      const { contentType, bytes } = await fetchPicture(target)
      response.set({
        'content-type': contentType,
        'content-security-policy': "sandbox; default-src 'none'",
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'cross-origin',
        'cache-control': 'private, max-age=3600, immutable',
        'referrer-policy': 'no-referrer',
      })
      response.send(bytes)
    } catch (error) {
      const [status, sentence] = (error instanceof MailError ? sentences[error.kind] : undefined) ?? [
        502,
        'The picture could not be fetched',
      ]
      refuse(response, status, sentence)
    }
  })
  return router
}

function refuse(response: Response, status: number, error: string): void {
  response.set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  response.status(status).json({ error })
}
