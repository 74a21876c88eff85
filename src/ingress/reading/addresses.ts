// Addresses as providers write them in envelope fields: bare or in angle brackets, one or several with commas.

import { shapeFault, textOf } from './json.ts'

const maxRecipients = 1_000

/**
 * Each address once, in order, without angle brackets; null and empty entries do not count. Throws
 * `MailError('malformed')`.
 */
export function recipientsOf(values: readonly unknown[], what: string): string[] {
  const addresses = values
    .flatMap((value) => (value === null || value === undefined ? [] : splitAddresses(textOf(value, what))))
    .map(bare)
  const unique = [...new Set(addresses.filter((address) => address !== ''))]
  if (unique.length > maxRecipients || unique.some((address) => !isAddress(address)))
    throw shapeFault(`${what} is not a list of addresses`)
  return unique
}

/** A reverse-path: '' for `<>`, null if missing or not an address. Never throws. */
export function reversePathOf(value: string | null | undefined): string | null {
  if (value === null || value === undefined) return null
  const path = bare(value)
  return path === '' || isAddress(path) ? path : null
}

function bare(text: string): string {
  return (/<([^<>]*)>\s*$/.exec(text)?.[1] ?? text).trim()
}

function isAddress(text: string): boolean {
  return text.length <= 1000 && !/[\s\p{Cc}<>]/u.test(text.replace(/^"(?:[^"\\]|\\.)*"/, ''))
}

// Commas in a quoted local part or display name do not part.
function splitAddresses(list: string): string[] {
  const parts: string[] = []
  let start = 0
  let isQuoted = false
  for (let i = 0; i < list.length; i++) {
    if (isQuoted && list[i] === '\\') i++
    else if (list[i] === '"') isQuoted = !isQuoted
    else if (list[i] === ',' && !isQuoted) {
      parts.push(list.slice(start, i))
      start = i + 1
    }
  }
  return [...parts, list.slice(start)]
}
