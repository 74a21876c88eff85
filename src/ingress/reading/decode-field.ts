// Text of a form field in whatever charset its provider names: iconv-lite knows those that the WHATWG table leaves
// out (cp850).

import iconv from 'iconv-lite'

import { decodeText } from '../../mail/encoding/charset.ts'

/** Never throws: an unknown charset is guessed from the bytes. */
export function decodeField(bytes: Buffer, charset: string): string {
  const isUtf8 = /^utf-?8$/i.test(charset)
  // UTF-7 smuggles markup past filters.
  return !isUtf8 && !/utf-?7/i.test(charset) && iconv.encodingExists(charset)
    ? iconv.decode(bytes, charset)
    : decodeText(bytes, charset)
}
