// Checks a recipient at RCPT for SMTP and LMTP (RFC 5321 §3.3).

import { addressKey, stripTag } from '../../mail/address.ts'
import { readBounceToken, readNewToken, readReplyToken, type TokenAddress } from '../../mail/reply-address.ts'
import type { createLookup } from './lookup.ts'

type Questions = Pick<
  ReturnType<typeof createLookup>,
  'findTokens' | 'findNewAddresses' | 'findInboxes' | 'sharedDomain'
>

/** True if mail for an address can arrive: it is an inbox address, or a token at a domain of its account. */
export function createRecipientCheck(lookup: Questions) {
  return async (address: string): Promise<'known' | 'unknown'> => {
    if (await isKnownToken(lookup, address)) return 'known'
    const inboxes = await lookup.findInboxes([addressKey(address), addressKey(stripTag(address))])
    return inboxes.length > 0 ? 'known' : 'unknown'
  }
}

async function isKnownToken(lookup: Questions, address: string): Promise<boolean> {
  const answers = readReplyToken(address) ?? readBounceToken(address)
  const begins = readNewToken(address)
  const accounts =
    answers === null
      ? (await findNewAddresses(lookup, begins)).map(({ inbox }) => inbox.account)
      : (await lookup.findTokens([answers.token])).map(({ conversation }) => conversation.account)
  const { domain = '' } = answers ?? begins ?? {}
  return accounts.some((account) => [account.domain, lookup.sharedDomain, ...account.formerDomains].includes(domain))
}

async function findNewAddresses(lookup: Questions, begins: TokenAddress | null) {
  return begins === null ? [] : lookup.findNewAddresses([begins.token])
}
