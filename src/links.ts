// Addresses under PUBLIC_URL, as they stand in mails and in the API.

/** An address under PUBLIC_URL, which may end in a slash; `path` begins with one. */
export function linkTo(publicUrl: string, path: string): string {
  return `${publicUrl.replace(/\/+$/, '')}${path}`
}

/**
 * Where an attachment is fetched, without an access token: the address cannot be guessed. Whatever the file name, it is
 * safe in an attribute of HTML, quoted or not, and in `url()`.
 */
export function attachmentUrl(publicUrl: string, token: string, fileName: string): string {
  return linkTo(publicUrl, `/attachments/${token}/${encodeName(fileName)}`)
}

/** Percent-encoded for a URL, an attribute of HTML or a parameter (RFC 8187), quotes and brackets too. Never throws. */
export function encodeName(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
