// The trace entries of the destination: which address led here, what the other recipients got, which conversation.

import type { LearnedRecipient } from '../contracts/decision.ts'
import type { TokenRole } from '../contracts/token-role.ts'
import type { TraceEntry } from '../contracts/trace.ts'
import { addressKey, stripTag } from '../mail/address.ts'
import type { ParsedMail } from '../mail/parsed-mail.ts'
import { isTokenAddress } from '../mail/reply-address.ts'
import type { FoundInbox } from './by-inbox-address.ts'
import type { AddressSource, FoundToken } from './by-reply-address.ts'
import type { ThreadFacts } from './lookup.ts'

/** Never throws. */
export function recipientEntry(
  learned: readonly LearnedRecipient[],
  token: FoundToken | null,
  inbox: FoundInbox | null,
): TraceEntry {
  const found = token?.learned ?? (inbox === null ? null : { address: inbox.named, learned_from: inbox.source })
  if (found !== null)
    return {
      step: 'recipient',
      outcome: found.learned_from,
      detail: `${found.address} is an address of this installation`,
    }
  const unknownToken = learned.find((candidate) => isTokenAddress(candidate.address))
  if (unknownToken !== undefined)
    return {
      step: 'recipient',
      outcome: 'unknown-token',
      detail:
        `${unknownToken.address} has the shape of a reply address, but there is none like it on a domain of ` +
        'its account',
    }
  return {
    step: 'recipient',
    outcome: 'none',
    detail:
      learned.length === 0
        ? 'the mail names no recipient'
        : `no address of this installation: ${learned.map((candidate) => candidate.address).join(', ')}`,
  }
}

/** Never throws. */
export function siblingEntry(siblings: readonly (readonly string[])[]): TraceEntry[] {
  return siblings.length === 0
    ? []
    : [
        {
          step: 'recipient',
          outcome: 'shared',
          detail: `also for ${siblings.flat().join(', ')}: each of these is handled as a mail of its own`,
        },
      ]
}

/** Never throws. */
export function coveredEntry(inboxes: readonly FoundInbox[]): TraceEntry[] {
  if (inboxes.length === 0) return []
  const named = inboxes.map((inbox) => `${inbox.named} (inbox ${inbox.name})`).join(', ')
  return [
    {
      step: 'recipient',
      outcome: 'covered',
      detail: `also for ${named}: the mail belongs to a conversation that has it once, so none begins there`,
    },
  ]
}

/** Of an envelope that names several recipients: those that are nothing here. Never throws. */
export function strangersEntry(
  [envelope]: readonly AddressSource[],
  found: { readonly tokens: readonly FoundToken[]; readonly inboxes: readonly FoundInbox[] },
): TraceEntry[] {
  const tokens = found.tokens.map(({ learned }) => learned.address)
  const inboxes = found.inboxes.flatMap(({ address, named, ownAddresses }) => [
    address,
    addressKey(named),
    ...ownAddresses,
  ])
  const addresses = envelope?.addresses ?? []
  const strangers = addresses.filter(
    (address) =>
      !tokens.includes(address) && ![address, stripTag(address)].some((one) => inboxes.includes(addressKey(one))),
  )
  if (strangers.length === 0 || strangers.length === addresses.length) return []
  return [{ step: 'recipient', outcome: 'others', detail: `not for us: ${strangers.join(', ')}` }]
}

const addressNames = {
  contact: 'reply address of its contact',
  agent: 'reply address of its agent',
  note: 'reply address of an agent, for private notes',
  bounce: 'reverse-path',
} as const satisfies Readonly<Record<TokenRole, string>>

/** Never throws. */
export function conversationEntry(
  mail: ParsedMail,
  found: { token: FoundToken | null; thread: ThreadFacts | null; inbox: FoundInbox | null },
): TraceEntry {
  const { token, thread, inbox } = found
  if (token !== null)
    return {
      step: 'conversation',
      outcome: 'by-reply-address',
      detail: `conversation ${String(token.conversation.displayId)} by the ${token.state} ` + addressNames[token.role],
    }
  if (thread !== null)
    return {
      step: 'conversation',
      outcome: 'by-thread',
      detail: `it answers ${thread.sourceId} of conversation ${String(thread.conversation.displayId)}`,
    }
  const ids = mail.inReplyTo.length + mail.references.length
  const unmatched = ids === 0 ? 'it answers no mail' : 'the mails that it answers are not known here'
  if (inbox !== null && inbox.agentId !== null)
    return {
      step: 'conversation',
      outcome: 'by-new-address',
      detail: `an agent's address for new conversations in the inbox ${inbox.name}`,
    }
  if (inbox !== null)
    return {
      step: 'conversation',
      outcome: 'by-inbox-address',
      detail: `${unmatched}; ${inbox.address} is the inbox ${inbox.name}`,
    }
  return { step: 'conversation', outcome: 'none', detail: unmatched }
}
