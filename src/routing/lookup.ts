// The few questions that routing asks about the ledger. `conversations/lookup` has this shape; app.ts hands it over.

import type { CommandAction } from '../contracts/agent-commands.ts'
import type { TokenRole } from '../contracts/token-role.ts'
import type { Command, CommandProblem } from '../mail/commands/command.ts'
import type { Mailbox } from '../mail/parsed-mail.ts'

export interface AccountFacts {
  readonly id: number
  readonly active: boolean
  readonly inboundEmails: boolean
  /** The reply domain that the account owns: its own, or the installation's when it sets none. */
  readonly domain: string
  /** Further domains at which its mail is accepted: former ones, its own and the installation's. */
  readonly formerDomains: readonly string[]
  /** Account policy: hold a mail to someone else's reply address instead of appending it. */
  readonly keepsOtherSenders: boolean
}

export interface ConversationFacts {
  readonly id: number
  readonly displayId: number
  readonly account: AccountFacts
  readonly inboxId: number
  readonly contactId: number
}

export interface TokenFacts {
  readonly token: string
  readonly role: TokenRole
  readonly state: 'live' | 'expired' | 'revoked'
  readonly conversation: ConversationFacts
  readonly contactId: number | null
  readonly userId: number | null
  /** Role bounce: the outgoing message. */
  readonly messageId: number | null
  /** Role contact: the address that the reply address was last mailed to, lower case. */
  readonly email: string | null
}

export interface InboxFacts {
  readonly id: number
  readonly name: string
  /** The address that was asked for. */
  readonly address: string
  /** Its address, confirmed or not, and the one for forwarding. */
  readonly ownAddresses: readonly string[]
  readonly account: AccountFacts
}

/** An agent's address for new conversations in an inbox; only while the agent sees the inbox. */
export interface NewAddressFacts {
  readonly token: string
  readonly userId: number
  readonly inbox: InboxFacts
}

export interface ThreadFacts {
  /** The id that was asked for. */
  readonly sourceId: string
  /** The message that has it; null where the id names only a conversation. */
  readonly messageId: number | null
  readonly outgoing: boolean
  readonly conversation: ConversationFacts
}

/** The relation of an address to a conversation; nulls if there is none. */
export interface SpeakerFacts {
  /** An agent of the account with this address. */
  readonly agentId: number | null
  /** A contact of the account with this address. */
  readonly contactId: number | null
  /** The contact has written in the conversation, or is its contact. */
  readonly takesPart: boolean
  /** The account has blocked the address. */
  readonly isBlocked: boolean
}

export interface KnownMessage {
  readonly id: number
  /** `digestMail` of the mail that it was made of; null for a message that came by no mail. */
  readonly digest: string | null
}

export interface CopyFacts {
  readonly messageId: number
  readonly conversation: ConversationFacts
}

/** Understood with ids and times, or the problem with it. */
export type ResolvedCommand =
  | { readonly action: CommandAction }
  | { readonly cc: readonly string[] }
  | { readonly to: Mailbox }
  | { readonly problem: CommandProblem }

/** What the commands of a mail are about: a conversation, or a new one in an inbox. */
export type CommandSubject = { readonly conversationId: number } | { readonly inboxId: number }

export interface Lookup {
  /** INBOUND_EMAIL_DOMAIN: every account owns it beside its own, so that addresses sent before it set one stay good. */
  readonly sharedDomain: string
  readonly findTokens: (tokens: readonly string[]) => Promise<readonly TokenFacts[]>
  readonly findInboxes: (addresses: readonly string[]) => Promise<readonly InboxFacts[]>
  readonly findNewAddresses: (tokens: readonly string[]) => Promise<readonly NewAddressFacts[]>
  readonly findThreads: (sourceIds: readonly string[]) => Promise<readonly ThreadFacts[]>
  readonly findSpeaker: (question: {
    accountId: number
    conversationId: number | null
    address: string
  }) => Promise<SpeakerFacts>
  /** A message of the conversation with this Message-ID. */
  readonly findMessage: (conversationId: number, sourceId: string) => Promise<KnownMessage | null>
  /** A message by which an agent began a conversation in the inbox, with a mail of this Message-ID. */
  readonly findBegun: (inboxId: number, sourceId: string) => Promise<KnownMessage | null>
  /** Messages that other envelopes of a mail without a Message-ID became, the latest first. */
  readonly findCopies: (mail: {
    readonly contentKey: string
    readonly recipients: readonly string[]
    readonly isDated: boolean
  }) => Promise<readonly CopyFacts[]>
  /**
   * What the names, labels, addresses and times in the commands of an agent mean in the conversation or inbox; one
   * answer for each command.
   */
  readonly resolveCommands: (question: {
    readonly about: CommandSubject
    readonly userId: number
    readonly commands: readonly Command[]
  }) => Promise<readonly ResolvedCommand[]>
  /** The recipients of an outgoing message's mail. */
  readonly findRecipients: (messageId: number) => Promise<readonly string[]>
  /**
   * Accounts with this reply domain; the installation's own domain belongs to all that set none: then only whether
   * there is one.
   */
  readonly isOwnDomain: (domain: string) => Promise<boolean>
}
