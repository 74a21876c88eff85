// The MIME fields of a head, written anew for mailparser.

import { readFieldValue } from '../header/split-head.ts'
import type { HeaderField } from '../parsed-mail.ts'

const mimeFields = [
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'content-disposition',
  'content-id',
  'content-location',
  'content-description',
]

/** Of doubled MIME fields the first counts, as for verifiers. Ends in the blank line. Never throws. */
export function mimeHead(fields: readonly HeaderField[]): string {
  const lines = mimeFields.map((name) => [name, readFieldValue(fields, name)] as const)
  return (
    lines.map(([name, value]) => (value === null ? '' : `${name}: ${value.replace(/[\r\n]/g, ' ')}\r\n`)).join('') +
    '\r\n'
  )
}
