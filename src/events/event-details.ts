// An event with the rows that its presenters need.

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

/** The row of a contact inbox. */
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

/** An event with the rows that its presenters need. */
export interface EventDetails {
  readonly event: EventRow
  readonly account: { readonly id: number; readonly name: string }
  readonly conversation: EventConversation | null
  readonly message: MessageRow | null
  /** The visitors who may read the message; null if there are none. */
  readonly mailTies: MailTies | null
  readonly contact: ContactRow | null
  readonly inbox: InboxRow | null
  /** The author, if a person. */
  readonly performer: MessageSender | null
}

/** People and teams that changes name. */
export interface People {
  readonly users: ReadonlyMap<number, AgentRow>
  readonly teams: ReadonlyMap<number, TeamRow>
}
