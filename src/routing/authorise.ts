// Authorisation: one row of the table of trust (docs/develop/architecture.md) each, for a token, a thread or an address
// used by this speaker.

import type { Decision, HeldReason, Marks } from '../contracts/decision.ts'
import type { TraceEntry } from '../contracts/trace.ts'
import type { FoundInbox } from './by-inbox-address.ts'
import type { FoundToken } from './by-reply-address.ts'
import type { ConversationFacts, SpeakerFacts, ThreadFacts } from './lookup.ts'
import type { Authentication } from './speaker.ts'

/** All that the rows look at. */
export interface Context {
  readonly from: { readonly address: string; readonly name: string }
  readonly authentication: Authentication
  readonly isAutoReply: boolean
  /** Only a part of the mail could be read. */
  readonly isDegraded: boolean
  /** A field names the author, and nothing vouches for the From that stands before it. */
  readonly isOnlyClaimed: boolean
  /** The speaker's relation to the conversation in question. */
  readonly speaker: SpeakerFacts
  readonly inbox: FoundInbox | null
  /** Reply-To, where it is another address than From. */
  readonly answersTo: string | null
  /** A conversation that this mail began in another inbox. */
  readonly elsewhere: ConversationFacts | null
}

export interface Authorised {
  readonly decision: Decision
  readonly entry: TraceEntry
  /** What was asked after it. */
  readonly further?: readonly TraceEntry[]
}

/** A live reply token of a contact: the contact is a participant, others write as themselves, agents are held. */
export function byContactToken(token: FoundToken, context: Context): Authorised {
  const { speaker, from } = context
  if (context.isOnlyClaimed)
    return hold(
      'other-sender',
      [token.conversation],
      `${from.address} is named behind a From of the company that no trusted server authenticates`,
    )
  if (speaker.contactId !== null && speaker.contactId === token.contactId) {
    return append(token.conversation, context, {
      reason: 'reply-address',
      contactId: speaker.contactId,
      detail: `${from.address} is the contact that the reply address was made for`,
    })
  }
  if (speaker.agentId !== null)
    return hold(
      'agent-with-customer-token',
      [token.conversation],
      `${from.address} is an agent; speaking as an agent needs an agent's own reply address`,
    )
  // The reader of this mailbox has the reply address from our mail. They are still only the contact of their own
  // address.
  if (token.email !== null && token.email === from.address.toLowerCase())
    return append(token.conversation, context, {
      reason: 'reply-address',
      contactId: speaker.contactId,
      detail: `${from.address} is where the reply address was mailed to`,
    })
  if (token.conversation.account.keepsOtherSenders)
    return hold(
      'other-sender',
      [token.conversation],
      `${from.address} is not the contact that the reply address was made for, and the account holds such mail`,
    )
  return append(token.conversation, context, {
    reason: 'reply-address-other-sender',
    contactId: speaker.contactId,
    detail: `${from.address} is not the contact that the reply address was made for, so it is a message of that sender`,
    viaOther: true,
  })
}

/** A live reply token of an agent, for answers or for private notes: only that agent, and only with verified mail. */
export function byAgentToken(token: FoundToken, context: Context): Authorised {
  const { from } = context
  const agent = admitAgent(token.userId, context, { candidates: [token.conversation], address: 'reply address' })
  if ('decision' in agent) return agent
  const decision: Decision = {
    action: 'append-as-agent',
    reason: 'agent-reply',
    conversationId: token.conversation.id,
    userId: agent.id,
    marks: marksOf(context),
    isNote: token.role === 'note',
    commands: null,
  }
  return {
    decision,
    entry: {
      step: 'authority',
      outcome: 'agent',
      detail:
        `${from.address} is the agent whom the reply address was made for, and is verified` +
        (token.role === 'note' ? '; it is an answer to a private note, and becomes one' : ''),
    },
  }
}

/**
 * The agent whose own address a mail came to, if the mail is that agent's and the domain vouches for it; else what is
 * done with it. Never throws.
 */
export function admitAgent(
  userId: number | null,
  context: Context,
  { candidates, address }: { readonly candidates: readonly ConversationFacts[]; readonly address: string },
): Authorised | { readonly id: number } {
  const { speaker, from, authentication } = context
  if (speaker.agentId === null || speaker.agentId !== userId)
    return hold(
      'agent-not-verified',
      candidates,
      `the ${address} belongs to an agent, and ${from.address} is not that agent`,
    )
  if (context.isAutoReply)
    return {
      decision: { action: 'ignore', reason: 'agent-auto-reply' },
      entry: {
        step: 'authority',
        outcome: 'ignored',
        detail: `an automatic answer of the agent ${from.address}, not meant for the contact`,
      },
    }
  if (context.isDegraded)
    return hold(
      'agent-mail-degraded',
      candidates,
      `only a part of the mail of ${from.address} could be read; what would go to the contact is for a ` +
        'person to decide',
    )
  if (authentication !== 'pass')
    return hold(
      'agent-not-verified',
      candidates,
      `${from.address} is that agent's address, but no trusted server authenticates it`,
    )
  return { id: speaker.agentId }
}

/** A thread, or a reply token that has expired or was revoked: participants only. */
export function byThread(
  thread: Pick<ThreadFacts, 'conversation'>,
  context: Context,
  reason: 'thread' | 'expired-reply-address',
): Authorised {
  const { speaker, from, inbox } = context
  if (speaker.takesPart)
    return append(thread.conversation, context, {
      reason,
      contactId: speaker.contactId,
      detail: `${from.address} takes part in the conversation`,
    })
  if (speaker.agentId !== null)
    return hold(
      'agent-not-verified',
      [thread.conversation],
      `${from.address} is an agent; speaking as an agent needs an agent's own reply address`,
    )
  if (inbox !== null) return open(inbox, context, thread.conversation)
  return hold(
    'thread-other-sender',
    [thread.conversation],
    `${from.address} takes no part in the conversation that the mail answers`,
  )
}

/** Only an inbox address: a new conversation; no address at all: a person decides. */
export function byInbox(context: Context): Authorised {
  if (context.inbox !== null) return open(context.inbox, context, context.elsewhere)
  return hold('unknown-recipient', [], 'no reply address, thread or inbox is addressed')
}

function append(
  conversation: ConversationFacts,
  context: Context,
  how: {
    reason: 'reply-address' | 'reply-address-other-sender' | 'thread' | 'expired-reply-address'
    contactId: number | null
    detail: string
    viaOther?: boolean
  },
): Authorised {
  const decision: Decision = {
    action: 'append',
    reason: how.reason,
    conversationId: conversation.id,
    contactId: how.contactId,
    speaker: context.from,
    reopens: !context.isAutoReply,
    answersTo: context.answersTo,
    marks: { ...marksOf(context), viaOtherReplyAddress: how.viaOther ?? false },
  }
  return {
    decision,
    entry: { step: 'authority', outcome: how.viaOther === true ? 'other-sender' : 'participant', detail: how.detail },
  }
}

function open(inbox: FoundInbox, context: Context, linkedTo: ConversationFacts | null): Authorised {
  const linked = linkedTo?.account.id === inbox.account.id ? linkedTo : null
  const decision: Decision = {
    action: 'open',
    reason: linked === null ? 'new-conversation' : 'new-conversation-linked',
    inboxId: inbox.id,
    accountId: inbox.account.id,
    linkedToId: linked?.id ?? null,
    speaker: context.from,
    answersTo: context.answersTo,
    marks: marksOf(context),
  }
  if (linked === null)
    return {
      decision,
      entry: { step: 'authority', outcome: 'anyone', detail: `anyone may write to ${inbox.address}` },
    }
  const conversation = `conversation ${String(linked.displayId)}`
  if (linked === context.elsewhere)
    return {
      decision,
      entry: {
        step: 'authority',
        outcome: 'anyone',
        detail: `the mail began ${conversation} in another inbox; this begins one for ${inbox.address}, linked to it`,
      },
    }
  return {
    decision,
    entry: {
      step: 'authority',
      outcome: 'not-a-participant',
      detail: `${context.from.address} takes no part in ${conversation}, so this begins one of its own, linked to it`,
    },
  }
}

function hold(reason: HeldReason, candidates: readonly ConversationFacts[], detail: string): Authorised {
  const named =
    candidates.length === 0
      ? ''
      : `; it may belong to conversation ${candidates.map((conversation) => String(conversation.displayId)).join(', ')}`
  return {
    decision: { action: 'hold', reason, candidates: candidates.map((conversation) => conversation.id) },
    entry: { step: 'authority', outcome: 'held', detail: `${detail}${named}` },
  }
}

export function marksOf(context: Context): Marks {
  return {
    autoReply: context.isAutoReply,
    verified: context.authentication === 'pass',
    viaOtherReplyAddress: false,
    reusedMessageId: false,
  }
}
