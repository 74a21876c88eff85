// Finds the conversation when no live reply token names it: In-Reply-To and References against the known Message-IDs
// (RFC 5322 §3.6.4). A match is evidence of the conversation only; the reader of a forwarded copy has the ids too.

import type { ParsedMail } from '../mail/parsed-mail.ts'
import type { FoundInbox } from './by-inbox-address.ts'
import type { AddressSource } from './by-reply-address.ts'
import type { AccountFacts, Lookup, ThreadFacts } from './lookup.ts'

/** Ids asked for in one mail; longer chains repeat themselves. */
const maxIds = 50

/** The Message-IDs that a mail refers to, nearest ancestor first, at most 50. Never throws. */
export function answeredIds(mail: ParsedMail): string[] {
  return [...new Set([...mail.inReplyTo, ...[...mail.references].reverse()])].slice(0, maxIds)
}

/** Conversations of accounts that this mail is addressed to, nearest ancestor first. */
export async function findThreads(
  mail: ParsedMail,
  lookup: Lookup,
  addressed: (account: AccountFacts) => boolean,
): Promise<ThreadFacts[]> {
  const ids = answeredIds(mail)
  if (ids.length === 0) return []
  const found = await lookup.findThreads(ids)
  const order = new Map(ids.map((id, index) => [id, index]))
  const rank = (thread: ThreadFacts): number => order.get(thread.sourceId) ?? maxIds
  return found.filter((thread) => addressed(thread.conversation.account)).sort((one, other) => rank(one) - rank(other))
}

/**
 * True if an account is among those that the mail's addresses name: by an inbox address, or, if an address belongs to
 * no inbox, by the reply domain.
 */
export function addressedBy(
  sources: readonly AddressSource[],
  inboxes: readonly FoundInbox[],
  sharedDomain: string,
): (account: AccountFacts) => boolean {
  const lenient = sources
    .flatMap((level) => level.addresses)
    .filter((address) => !inboxes.some((inbox) => inbox.named === address))
  const domains = new Set(lenient.map((address) => address.slice(address.lastIndexOf('@') + 1).toLowerCase()))
  return (account) =>
    [account.domain, sharedDomain, ...account.formerDomains].some((domain) => domains.has(domain)) ||
    inboxes.some((inbox) => inbox.account.id === account.id)
}
