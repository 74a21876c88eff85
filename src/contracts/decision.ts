// Routing's result for one mail: plain values. "Not for us" is a decision, never an exception.

import type { ParsedMail } from '../mail/parsed-mail.ts'
import type { AgentCommands, CommandReport } from './agent-commands.ts'
import type { UpdateOrigin } from './delivery.ts'
import type { TraceEntry } from './trace.ts'

/**
 * The reason for the state in which a mail ended. A closed list: docs/reference/decisions.md explains each, and a test
 * covers each.
 */
export const reasons = {
  delivered: [
    'reply-address',
    'reply-address-other-sender',
    'expired-reply-address',
    'thread',
    'agent-reply',
    'begun-by-agent',
    'new-conversation',
    'new-conversation-linked',
    'forwarded-by-agent',
    'bounce',
    'complaint',
    'read-receipt',
    'filed-by-hand',
    'opened-by-hand',
  ],
  held: [
    'from-missing',
    'doubled-header',
    'forged-sender',
    'agent-with-customer-token',
    'agent-not-verified',
    'agent-mail-degraded',
    'command-not-understood',
    'report-unmatched',
    'other-sender',
    'thread-other-sender',
    'unknown-recipient',
    'several-accounts',
    'feature-off',
    'account-suspended',
    'taken-back',
  ],
  ignored: [
    'duplicate-message',
    'own-mail',
    'mail-loop',
    'mailing-list',
    'report-without-message',
    'agent-auto-reply',
    'blocked-sender',
    'discarded',
  ],
  failed: ['tried-to-the-end', 'not-fetched'],
} as const

export type DeliveredReason = (typeof reasons.delivered)[number]
export type HeldReason = (typeof reasons.held)[number]
export type IgnoredReason = (typeof reasons.ignored)[number]

export interface LearnedRecipient {
  readonly address: string
  /** `envelope`, or the header field that named it. */
  readonly learned_from: string
}

export interface Speaker {
  readonly address: string
  readonly name: string
}

/** A verified agent forwarded the mail of a customer. */
export interface Forward {
  readonly userId: number
  /** The customer's mail, as far as the agent's mail has it. */
  readonly mail: ParsedMail
  /** The words of those who forwarded it; '' for none. */
  readonly above: string
}

/** Append to a conversation as an incoming message of a contact. */
export interface AppendIncoming {
  readonly action: 'append'
  readonly reason: DeliveredReason
  readonly conversationId: number
  /** Null: the contact with this address, made when there is none. */
  readonly contactId: number | null
  readonly speaker: Speaker
  /** False for automatic mail: it causes no notices. */
  readonly reopens: boolean
  /** Where its author wants answers, if elsewhere than in From: a claim (docs/adr/0046). */
  readonly answersTo?: string | null
  readonly forward?: Forward
  readonly marks: Marks
}

/** Append as an outgoing message of an agent, sent on to the contact. */
export interface AppendAsAgent {
  readonly action: 'append-as-agent'
  /** Filed by hand: a person sends a held answer on. */
  readonly reason: 'agent-reply' | 'begun-by-agent' | 'filed-by-hand'
  readonly conversationId: number
  readonly userId: number
  readonly marks: Marks
  /** It answers a private note: nothing of it goes to the contact. */
  readonly isNote: boolean
  /** Null: the new words have no commands on top, and go to the contact. */
  readonly commands: AgentCommands | null
}

export interface OpenConversation {
  readonly action: 'open'
  /** Opened by hand: a person wants it in a conversation of its own. */
  readonly reason: 'new-conversation' | 'new-conversation-linked' | 'forwarded-by-agent' | 'opened-by-hand'
  readonly inboxId: number
  readonly accountId: number
  readonly linkedToId: number | null
  readonly speaker: Speaker
  /** As in `AppendIncoming`. */
  readonly answersTo?: string | null
  readonly forward?: Forward
  readonly marks: Marks
}

/** A verified agent begins a conversation: the mail becomes the first outgoing message. */
export interface OpenAsAgent {
  readonly action: 'open-as-agent'
  readonly reason: 'begun-by-agent'
  readonly inboxId: number
  readonly accountId: number
  readonly userId: number
  /** The contact, found or made by this address. */
  readonly to: Speaker
  readonly marks: Marks
  readonly commands: AgentCommands
}

/** A bounce, complaint or read receipt about a message that we sent. */
export interface ReportOnMessage {
  readonly action: 'report'
  readonly reason: 'bounce' | 'complaint' | 'read-receipt'
  readonly messageId: number
  /** How sure it is; absent in decisions of an earlier version. */
  readonly origin?: Exclude<UpdateOrigin, string>
}

export interface Hold {
  readonly action: 'hold'
  readonly reason: HeldReason
  /** Conversations that a person may want to file it into. */
  readonly candidates: readonly number[]
  /** A verified agent gave commands that are not understood. */
  readonly commands?: CommandReport
}

export interface Ignore {
  readonly action: 'ignore'
  readonly reason: IgnoredReason
}

export type Decision = AppendIncoming | AppendAsAgent | OpenConversation | OpenAsAgent | ReportOnMessage | Hold | Ignore

/** The note written on the message, for clients to show. */
export interface Marks {
  readonly autoReply: boolean
  /** The sender was not proven and not disproven. */
  readonly verified: boolean
  readonly viaOtherReplyAddress: boolean
  /** The same Message-ID was here before with other words. */
  readonly reusedMessageId: boolean
}

/** The whole answer of routing for one mail. */
export interface Verdict {
  readonly decision: Decision
  readonly trace: readonly TraceEntry[]
  readonly learned: readonly LearnedRecipient[]
  readonly accountId: number | null
  readonly conversationId: number | null
  /** References of the mail: a conversation by reply address or thread, and an inbox by its address. */
  readonly named: { readonly conversationId: number | null; readonly inboxId: number | null }
  /** Envelope recipients with another destination: each group becomes a mail of its own on the same bytes. */
  readonly siblings: readonly (readonly string[])[]
  /** The author: From, or the person behind it; null where routing ended before it asked. */
  readonly author: Speaker | null
  /** As in `AppendIncoming`. */
  readonly answersTo: string | null
  /** It came to the reply address of a private note: an agent's words in it stay inside the team. */
  readonly isNote: boolean
}
