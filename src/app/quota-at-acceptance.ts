// Storage quotas of mail, checked before acceptance: of the client's network for an unknown client, and of the account
// for a trusted relay or a provider, which serve many senders. Over a quota a mail is deferred (452 4.3.1, 429, or the
// status after which its provider retries).

import type { Config } from '../config.ts'
import { networkOf } from '../http-client/client-address.ts'
import { addressKey, stripTag } from '../mail/address.ts'
import type { Submission } from '../mail/envelope.ts'
import { readNewToken, readReplyToken } from '../mail/reply-address.ts'
import { overQuota, type QuotaKey, type Quotas } from '../queue/quotas.ts'
import type { Lookup } from '../routing/lookup.ts'
import type { Accept } from '../store/accept.ts'

/** The limits of the settings. Never throws. */
export function quotaLimits(config: Config) {
  return {
    visitor: config.QUOTA_VISITOR_BYTES,
    network: config.QUOTA_NETWORK_BYTES,
    // All visitors of an account together: strangers must not use up what its mail needs.
    visitors: config.QUOTA_ACCOUNT_BYTES === null ? null : Math.ceil(config.QUOTA_ACCOUNT_BYTES / 4),
    account: config.QUOTA_ACCOUNT_BYTES,
  }
}

type Questions = Pick<Lookup, 'findTokens' | 'findNewAddresses' | 'findInboxes'>

/**
 * `accept` within the quotas. Mail is counted for its account when it settles (pipeline.ts), because the account is
 * known only then.
 */
export function withQuotas(accept: Accept, quotas: Quotas, lookup: Questions): Accept {
  return async (submission) => {
    const size = submission.raw.length
    const keys = strangerKeys(submission)
    // Almost always no account is over its quota, and nothing is looked up.
    if (quotas.fullAccounts().size > 0) await refuseFull(submission, quotas.fullAccounts(), lookup)
    if (keys.length === 0) return accept(submission)
    await quotas.take(keys, size)
    try {
      const accepted = await accept(submission)
      if (accepted.duplicate) quotas.giveBack(keys, size)
      return accepted
    } catch (error) {
      quotas.giveBack(keys, size)
      throw error
    }
  }
}

function strangerKeys({ ingress, peer }: Submission): QuotaKey[] {
  const isDirect = ingress === 'smtp' || ingress === 'lmtp'
  return isDirect && !peer.trusted && peer.address !== null ? [`network:${networkOf(peer.address)}`] : []
}

async function refuseFull({ envelope }: Submission, full: ReadonlySet<QuotaKey>, lookup: Questions): Promise<void> {
  const { recipients } = envelope
  const tokens = recipients.flatMap((recipient) => readReplyToken(recipient)?.token ?? [])
  const begins = recipients.flatMap((recipient) => readNewToken(recipient)?.token ?? [])
  const [found, begun, inboxes] = await Promise.all([
    tokens.length === 0 ? [] : lookup.findTokens(tokens),
    begins.length === 0 ? [] : lookup.findNewAddresses(begins),
    lookup.findInboxes(recipients.flatMap((recipient) => [addressKey(recipient), addressKey(stripTag(recipient))])),
  ])
  const accounts = [
    ...found.map(({ conversation }) => conversation.account.id),
    ...begun.map(({ inbox }) => inbox.account.id),
    ...inboxes.map(({ account }) => account.id),
  ]
  const keys = accounts.map((id): QuotaKey => `account:${String(id)}`)
  const first = keys[0]
  // One of several accounts with room suffices; it must not wait for the others.
  if (first !== undefined && keys.every((key) => full.has(key))) throw overQuota(first)
}
