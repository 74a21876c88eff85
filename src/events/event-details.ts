// An event with all that is told of it, as the doors put it into words.

import type { MailTies } from '../conversations/records/mail-authors.ts'
import type {
  AgentRow,
  ContactRow,
  ConversationOverview,
  InboxRow,
  MessageRow,
  MessageSender,
  TeamRow,
} from '../conversations/records/rows.ts'
import type { EventRow } from './event-rows.ts'

/** A contact's place in an inbox, as a row. */
export interface ContactInboxRow {
  readonly id: number
  readonly contactId: number
  readonly inboxId: number
  readonly sourceId: string
  readonly hmacVerified: boolean
  readonly pubsubToken: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

export type EventConversation = ConversationOverview & {
  readonly contactInbox: ContactInboxRow | null
  /** The last message that the contact may see. */
  readonly lastPublicMessage: MessageRow | null
}

/** An event with all that is told of it. */
export interface EventDetails {
  readonly event: EventRow
  readonly account: { readonly id: number; readonly name: string }
  readonly conversation: EventConversation | null
  readonly message: MessageRow | null
  /** Who may read the message among visitors; null where none come. */
  readonly mailTies: MailTies | null
  readonly contact: ContactRow | null
  readonly inbox: InboxRow | null
  /** Who did it, where it is a person. */
  readonly performer: MessageSender | null
}

/** People and teams that changes name. */
export interface People {
  readonly users: ReadonlyMap<number, AgentRow>
  readonly teams: ReadonlyMap<number, TeamRow>
}
