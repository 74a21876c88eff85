// Whom a mail goes to when it is sent again: by default those who did not get it, each in the field where they were.

import { type Field, fields } from '../composer/recipients'
import { readMail } from '../thread/mail-of-message'
import type { ShownMessage } from '../thread/messages-query'
import { isFailed, type LifeLine } from './read-life-line'

export type Addresses = Readonly<Record<Field, readonly string[]>>

/** As the service chooses them (POST …/send_again without recipients). Never throws. */
export function toSendAgain(message: ShownMessage, { recipients }: LifeLine, contact: string | null): Addresses {
  const mail = readMail(message)
  const named: Addresses = { to: mail?.to ?? [], cc: mail?.cc ?? [], bcc: mail?.bcc ?? [] }
  const all = named.to.length > 0 || contact === null ? named : { ...named, to: [contact] }
  const missed = recipients.flatMap(({ email, state }) => (email !== null && isFailed(state) ? [email] : []))
  if (missed.length === 0) return all
  const keep = (list: readonly string[]) => list.filter((email) => missed.some((one) => isSameAddress(one, email)))
  const [to, cc, bcc] = [keep(all.to), keep(all.cc), keep(all.bcc)]
  if (to.length > 0) return { to, cc, bcc }
  // Somebody must stand in To.
  return cc.length > 0 ? { to: cc, cc: [], bcc } : { to: bcc, cc: [], bcc: [] }
}

/** The addresses with this field changed; an address that comes to it leaves the other fields. Never throws. */
export function moveTo(addresses: Addresses, field: Field, emails: readonly string[]): Addresses {
  const without = (list: readonly string[]) => list.filter((email) => !emails.some((one) => isSameAddress(one, email)))
  return Object.fromEntries(
    fields.map((one) => [one, one === field ? emails : without(addresses[one])]),
  ) as unknown as Addresses
}

/** The addresses with more in this field. Never throws. */
export function addTo(addresses: Addresses, field: Field, emails: readonly string[]): Addresses {
  const known = addresses[field]
  return emails.length === 0
    ? addresses
    : moveTo(addresses, field, [...known, ...emails.filter((one) => !known.some((old) => isSameAddress(one, old)))])
}

export function isSame(one: Addresses, other: Addresses): boolean {
  return fields.every((field) => one[field].join('\n') === other[field].join('\n'))
}

const isSameAddress = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()
