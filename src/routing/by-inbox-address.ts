// The last answer to "which conversation": an inbox's own address, or an agent's address for new conversations there.
// Both begin a new one.

import { addressKey, stripTag } from '../mail/address.ts'
import { readNewToken } from '../mail/reply-address.ts'
import { type AddressSource, isDomainOf } from './by-reply-address.ts'
import type { InboxFacts, Lookup } from './lookup.ts'

export interface FoundInbox extends InboxFacts {
  readonly source: string
  /** The address as the mail has it. */
  readonly named: string
  /** The agent whose address for new conversations it is; null: it is the inbox's own. */
  readonly agentId: number | null
  /** The inbox's own address is named, alone or beside it. */
  readonly isNamed: boolean
}

type Found = Omit<FoundInbox, 'isNamed'>

/**
 * Inboxes that the mail's addresses name, the surest source first; tags after a plus do not matter. Of one source, an
 * agent's address for new conversations comes before the inbox's own.
 */
export async function findInboxes(sources: readonly AddressSource[], lookup: Lookup): Promise<FoundInbox[]> {
  const [begins, own] = await Promise.all([findNewAddresses(sources, lookup), findOwnAddresses(sources, lookup)])
  const found = sources.flatMap(({ source }) => [...begins, ...own].filter((inbox) => inbox.source === source))
  return found
    .filter((inbox, index) => found.findIndex((other) => other.id === inbox.id) === index)
    .map((inbox) => ({ ...inbox, isNamed: own.some(({ id }) => id === inbox.id) }))
}

async function findOwnAddresses(sources: readonly AddressSource[], lookup: Lookup): Promise<Found[]> {
  const named = sources.flatMap((source) =>
    source.addresses.flatMap((address) =>
      [addressKey(address), addressKey(stripTag(address))].map((key) => ({ key, address, source: source.source })),
    ),
  )
  if (named.length === 0) return []
  const known = new Map(
    (await lookup.findInboxes([...new Set(named.map(({ key }) => key))])).map((inbox) => [inbox.address, inbox]),
  )
  return named.flatMap(({ key, address, source }) => {
    const inbox = known.get(key)
    return inbox === undefined ? [] : [{ ...inbox, source, named: address, agentId: null }]
  })
}

async function findNewAddresses(sources: readonly AddressSource[], lookup: Lookup): Promise<Found[]> {
  const named = sources.flatMap(({ source, addresses }) =>
    addresses.flatMap((address) => {
      const read = readNewToken(address)
      return read === null ? [] : [{ ...read, address, source }]
    }),
  )
  if (named.length === 0) return []
  const known = new Map(
    (await lookup.findNewAddresses([...new Set(named.map(({ token }) => token))])).map((one) => [one.token, one]),
  )
  return named.flatMap(({ token, domain, address, source }) => {
    const one = known.get(token)
    return one === undefined || !isDomainOf(one.inbox.account, domain, lookup)
      ? []
      : [{ ...one.inbox, source, named: address, agentId: one.userId }]
  })
}
