// One person as people and programs write them into the text of a mail: "Jane Doe <jane@x.example>", "Jane Doe
// [mailto:jane@x.example]", "jane@x.example <mailto:jane@x.example>".

import { isEmailAddress } from './address.ts'
import type { Mailbox } from './parsed-mail.ts'

/** Longer text names no one person. */
const maxLength = 500

/** Null when it names no address, or several. Never throws. */
export function readWrittenMailbox(text: string): Mailbox | null {
  if (text.length > maxLength) return null
  const found = text.match(/[^\s<>[\]():,;"']+@[^\s<>[\]():,;"']+/g) ?? []
  const addresses = [...new Set(found.map((address) => address.toLowerCase()))]
  const [address = ''] = addresses
  if (addresses.length !== 1 || !isEmailAddress(address)) return null
  const name = (text.split(/[<[(]/, 1)[0] ?? '').replace(/^["'\s]+|["'\s]+$/g, '')
  return { name: name.includes('@') ? '' : name, address }
}
