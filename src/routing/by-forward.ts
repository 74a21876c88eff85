// A verified agent forwards a customer's mail to an inbox: it begins a conversation with that customer. Who wrote it is
// what the text says, so it counts from agents only, and the customer stays unverified (docs/adr/0049).

import type { OpenConversation } from '../contracts/decision.ts'
import { isSameAddress } from '../mail/address.ts'
import type { ParsedMail } from '../mail/parsed-mail.ts'
import { readForwarded } from '../mail/reply-text/forwarded.ts'
import type { Authorised, Context } from './authorise.ts'
import type { FoundInbox } from './by-inbox-address.ts'
import { isTokenAddress } from './by-reply-address.ts'
import type { Lookup } from './lookup.ts'

/**
 * The conversation with the first author outside the team; null when the mail is not of a verified agent, or forwards
 * no mail of anyone else. Throws only when a lookup does.
 */
export async function byForward(mail: ParsedMail, context: Context, lookup: Lookup): Promise<Authorised | null> {
  const { inbox, speaker, authentication, isAutoReply, isDegraded, from } = context
  if (inbox === null || speaker.agentId === null || authentication !== 'pass' || isAutoReply || isDegraded) return null
  for (const [depth, forwarded] of readForwarded(mail).entries()) {
    if (!(await isCustomer(forwarded.from.address, inbox, lookup))) continue
    const decision: OpenConversation = {
      action: 'open',
      reason: 'forwarded-by-agent',
      inboxId: inbox.id,
      accountId: inbox.account.id,
      linkedToId: null,
      speaker: forwarded.from,
      forward: { userId: speaker.agentId, depth },
      marks: { autoReply: false, verified: false, viaOtherReplyAddress: false, reusedMessageId: false },
    }
    const detail =
      `${from.address} is a verified agent and forwards a mail whose text names ` +
      `${forwarded.from.address} as its author`
    return { decision, entry: { step: 'authority', outcome: 'forwarded', detail } }
  }
  return null
}

async function isCustomer(address: string, inbox: FoundInbox, lookup: Lookup): Promise<boolean> {
  if (isTokenAddress(address) || inbox.ownAddresses.some((own) => isSameAddress(own, address))) return false
  const question = { accountId: inbox.account.id, conversationId: null, address: address.toLowerCase() }
  return (await lookup.findSpeaker(question)).agentId === null
}
