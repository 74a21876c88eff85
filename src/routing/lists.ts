// Tells a group or list in front of an inbox, which writes its own List-Id on every customer's mail, from a newsletter
// or list that the inbox only receives (RFC 2369, RFC 2919).

import { readFieldValues } from '../mail/header/split-head.ts'
import type { ParsedMail } from '../mail/parsed-mail.ts'
import type { Destination } from './destination.ts'
import { isOwnDomain } from './own-domain.ts'

const naming = ['list-id', 'list-post', 'mailing-list', 'x-mailing-list']
/** Written by those who send newsletters; a group does not take them out. */
const campaign = ['x-campaign', 'x-campaignid', 'x-mc-user', 'x-csa-complaints']

/** True if the list fields of the mail name this address as the list's. Never throws. */
export function isListAddress(mail: ParsedMail, address: string): boolean {
  const lower = address.toLowerCase()
  const dotted = lower.replace('@', '.')
  return naming
    .flatMap((name) => readFieldValues(mail.headers, name))
    .map((value) => value.trim().toLowerCase())
    .some(
      (value) =>
        value.includes(`<${dotted}>`) ||
        value === dotted ||
        value.includes(`<mailto:${lower}>`) ||
        // "list support@acme.example; contact support+owners@acme.example" (Google Groups)
        value.replace(/^list\s+/, '').split(';')[0] === lower,
    )
}

/**
 * True if the list is a group of the company that forwards to the inbox: it is the inbox's own address, or it is at a
 * domain of the company and a person outside wrote the mail. A newsletter that came through it is one nevertheless.
 * Never throws.
 */
export function isOwnList(mail: ParsedMail, { inbox }: Destination, isFromInbox: boolean): boolean {
  if (inbox === null || isNewsletter(mail)) return false
  const own = [...new Set([inbox.address, inbox.named, ...inbox.ownAddresses])]
  if (isFromInbox || own.some((address) => isListAddress(mail, address))) return true
  const author = mail.from?.address ?? ''
  const lists = [...mail.to, ...mail.cc].filter(({ address }) => isListAddress(mail, address))
  return !isOwnDomain(own, author) && lists.some(({ address }) => isOwnDomain(own, address))
}

// RFC 8058 is for newsletters; Google Groups writes it too, with an address of its own.
function isNewsletter({ headers }: ParsedMail): boolean {
  const has = (name: string): boolean => readFieldValues(headers, name).length > 0
  const unsubscribe = readFieldValues(headers, 'list-unsubscribe').join(' ')
  return campaign.some(has) || (has('list-unsubscribe-post') && !/google(?:groups)?\.com/i.test(unsubscribe))
}
