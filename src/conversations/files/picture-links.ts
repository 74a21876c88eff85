// Links to remote pictures of a mail, fetched by this service: made for readers of the message, and valid for an hour.
// The signature proves that the address is in that message.

import { createHmac, timingSafeEqual } from 'node:crypto'

export interface PictureLink {
  readonly messageId: number
  readonly url: string
  /** Seconds since 1970. */
  readonly expires: number
  readonly signature: string
}

const goodForSeconds = 3_600

export function createPictureLinks(secretKey: Buffer) {
  const sign = (messageId: number, url: string, expires: number): string =>
    createHmac('sha256', secretKey)
      .update(`picture-link\0${String(messageId)}\0${String(expires)}\0${url}`)
      .digest('base64url')
  return {
    /** Whole hours, so that a browser finds its earlier fetch in the cache. */
    create(messageId: number, url: string): PictureLink {
      const now = Math.floor(Date.now() / 1_000)
      const expires = (Math.floor(now / goodForSeconds) + 2) * goodForSeconds
      return { messageId, url, expires, signature: sign(messageId, url, expires) }
    },

    /** True if this installation signed the link and it has not expired. Never throws. */
    isGood({ messageId, url, expires, signature }: PictureLink): boolean {
      const given = Buffer.from(signature)
      const own = Buffer.from(sign(messageId, url, expires))
      return given.length === own.length && timingSafeEqual(given, own) && expires * 1_000 > Date.now()
    },
  }
}
