// Addresses under PUBLIC_URL, as they stand in mails and in the API.

/** An address under PUBLIC_URL, which may end in a slash; `path` begins with one. */
export function linkTo(publicUrl: string, path: string): string {
  return `${publicUrl.replace(/\/+$/, '')}${path}`
}

/** Where an attachment is fetched, without an access token: the address cannot be guessed. */
export function attachmentUrl(publicUrl: string, token: string, fileName: string): string {
  return linkTo(publicUrl, `/attachments/${token}/${encodeURIComponent(fileName)}`)
}
