// Finds the reply address and reads its token: which conversation, and for whom it was made. Never the speaker.

import type { LearnedRecipient } from '../contracts/decision.ts'
import { addressKey } from '../mail/address.ts'
import type { Envelope } from '../mail/envelope.ts'
import type { ParsedMail } from '../mail/parsed-mail.ts'
import { readBounceToken, readReplyToken } from '../mail/reply-address.ts'
import type { AccountFacts, Lookup, TokenFacts } from './lookup.ts'

/** Addresses of one source, the surest source first. */
export interface AddressSource {
  readonly source: string
  readonly addresses: readonly string[]
}

// Recipient fields that MTAs and forwarders write; none is as certain as the envelope.
const deliveryFields = ['delivered-to', 'x-original-to', 'envelope-to', 'x-forwarded-to']
/** Addresses looked at in one mail; more addresses are those of strangers. */
const maxAddresses = 200

/** Every address by which the mail may have come here, in order of trust. Never throws. */
export function readSources(envelope: Envelope, mail: ParsedMail): AddressSource[] {
  const fields = deliveryFields.map((name) => ({
    source: name,
    addresses: mail.headers.filter((field) => field.name === name).flatMap((field) => field.value.split(',').map(bare)),
  }))
  const lists = (['to', 'cc', 'bcc'] as const).map((source) => ({
    source,
    addresses: mail[source].map((mailbox) => mailbox.address),
  }))
  let left = maxAddresses
  return [{ source: 'envelope', addresses: envelope.recipients }, ...fields, ...lists].map(({ source, addresses }) => {
    const taken = unique(addresses.filter((address) => address !== '')).slice(0, left)
    left -= taken.length
    return { source, addresses: taken }
  })
}

/** A live token at a domain of its account, with the source of the address. */
export interface FoundToken extends TokenFacts {
  readonly learned: LearnedRecipient
}

/** Tokens of the first source that has any known one; the envelope outranks all that the mail says of itself. */
export async function findTokens(sources: readonly AddressSource[], lookup: Lookup): Promise<FoundToken[]> {
  const candidates = sources.flatMap((source) =>
    source.addresses.flatMap((address) => {
      const read = readReplyToken(address) ?? readBounceToken(address)
      return read === null ? [] : [{ ...read, address, source: source.source }]
    }),
  )
  if (candidates.length === 0) return []
  const facts = new Map(
    (await lookup.findTokens(unique(candidates.map((candidate) => candidate.token)))).map((token) => [
      token.token,
      token,
    ]),
  )
  const found = candidates.flatMap(({ token, domain, address, source }) => {
    const known = facts.get(token)
    if (known === undefined) return []
    return isDomainOf(known.conversation.account, domain, lookup)
      ? [{ ...known, learned: { address, learned_from: source } }]
      : []
  })
  return found.filter((token) => token.learned.learned_from === found[0]?.learned.learned_from)
}

/** True for a domain at which the account's addresses are good. Never throws. */
export function isDomainOf(
  account: AccountFacts,
  domain: string,
  { sharedDomain }: Pick<Lookup, 'sharedDomain'>,
): boolean {
  return [account.domain, sharedDomain, ...account.formerDomains].includes(domain.toLowerCase())
}

function bare(text: string): string {
  const inside = /<([^<>]*)>/.exec(text)
  return (inside?.[1] ?? text).trim()
}

function unique(values: readonly string[]): string[] {
  const seen = new Map(values.map((value) => [addressKey(value), value] as const))
  return [...seen.values()]
}
