// The last answer to "which conversation": an inbox's own address, which begins a new one.

import { addressKey, stripTag } from '../mail/address.ts'
import type { AddressSource } from './by-reply-address.ts'
import type { InboxFacts, Lookup } from './lookup.ts'

export interface FoundInbox extends InboxFacts {
  readonly source: string
  /** The address as the mail has it. */
  readonly named: string
}

/** Inboxes that the mail's addresses name, the surest source first; tags after a plus do not matter. */
export async function findInboxes(sources: readonly AddressSource[], lookup: Lookup): Promise<FoundInbox[]> {
  const named = sources.flatMap((source) =>
    source.addresses.flatMap((address) =>
      [addressKey(address), addressKey(stripTag(address))].map((key) => ({ key, address, source: source.source })),
    ),
  )
  if (named.length === 0) return []
  const known = new Map(
    (await lookup.findInboxes([...new Set(named.map(({ key }) => key))])).map((inbox) => [inbox.address, inbox]),
  )
  const found = named.flatMap(({ key, address, source }) => {
    const inbox = known.get(key)
    return inbox === undefined ? [] : [{ ...inbox, source, named: address }]
  })
  return found.filter((inbox, index) => found.findIndex((other) => other.id === inbox.id) === index)
}
