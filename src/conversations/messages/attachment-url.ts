import { linkTo } from '../../config.ts'

/** Where an attachment is fetched, without an access token: the address cannot be guessed. */
export function attachmentUrl(publicUrl: string, token: string, fileName: string): string {
  return linkTo(publicUrl, `/attachments/${token}/${encodeURIComponent(fileName)}`)
}
