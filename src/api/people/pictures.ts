// A picture that comes with a contact, a person, an inbox or a bot: the form field `avatar`, in brackets or not.

import type { Ledger } from '../../ledger.ts'
import { attachmentUrl } from '../../links.ts'
import { cleanText } from '../input/clean.ts'
import { saved } from '../input/fault.ts'
import type { UploadedFile } from '../request/multipart.ts'

/**
 * Stores the picture among the files of a form; returns the field for the record. Throws 422 for a file that is not a
 * picture.
 */
export type TakePicture = (
  accountId: number | null,
  files: readonly UploadedFile[],
) => Promise<{ readonly avatarUrl?: string }>

export function createTakePicture({ pictures }: Pick<Ledger, 'pictures'>, publicUrl: string): TakePicture {
  const addressOf = (token: string, fileName: string): string => attachmentUrl(publicUrl, token, fileName)
  return async (accountId, files) => {
    const file = files.findLast(({ field, bytes }) => /^(?:\w+\[)?avatar\]?$/.test(field) && bytes.length > 0)
    return file === undefined
      ? {}
      : {
          avatarUrl: saved(
            await pictures.keepPicture(
              { accountId, addressOf },
              { fileName: cleanText(file.filename), bytes: file.bytes },
            ),
          ),
        }
  }
}
