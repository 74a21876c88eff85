// Checks a recipient at RCPT for SMTP and LMTP (RFC 5321 §3.3).

import { addressKey, stripTag } from '../../mail/address.ts'
import { readBounceToken, readReplyToken } from '../../mail/reply-address.ts'
import type { createLookup } from './lookup.ts'

/** True if mail for an address can arrive: it is an inbox address, or a token at a domain of its account. */
export function createRecipientCheck(
  lookup: Pick<ReturnType<typeof createLookup>, 'findTokens' | 'findInboxes' | 'sharedDomain'>,
) {
  return async (address: string): Promise<'known' | 'unknown'> => {
    const read = readReplyToken(address) ?? readBounceToken(address)
    const [found] = read === null ? [] : await lookup.findTokens([read.token])
    const { domain, formerDomains } = found?.conversation.account ?? { domain: '', formerDomains: [] }
    if (found !== undefined && [domain, lookup.sharedDomain, ...formerDomains].includes(read?.domain ?? ''))
      return 'known'
    const inboxes = await lookup.findInboxes([addressKey(address), addressKey(stripTag(address))])
    return inboxes.length > 0 ? 'known' : 'unknown'
  }
}
