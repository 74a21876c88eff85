// Domain types of people, inboxes and conversations: plain values, independent of the database's types.

export type Json = Readonly<Record<string, unknown>>

export interface AccountRow {
  readonly id: number
  readonly name: string
  readonly domain: string | null
  readonly supportEmail: string | null
  /** The name of the transport; null: the default. */
  readonly transport: string | null
  readonly locale: string
  readonly status: 'active' | 'suspended'
  readonly features: readonly string[]
  readonly settings: Json
  readonly customAttributes: Json
  readonly createdAt: Date
}

export type Role = 'agent' | 'administrator'
export type Availability = 'online' | 'offline' | 'busy'

/** A user as a member of one account. One who has left it stays as an offline agent with a name. */
export interface AgentRow {
  readonly id: number
  readonly accountId: number
  readonly name: string
  readonly displayName: string | null
  readonly email: string
  readonly avatarUrl: string | null
  readonly role: Role
  readonly availability: Availability
  readonly autoOffline: boolean
  /**
   * Their address is confirmed and they have accepted the invitation; until then they are listed, and may do nothing.
   */
  readonly confirmed: boolean
  readonly customAttributes: Json
}

export interface TeamRow {
  readonly id: number
  readonly accountId: number
  readonly name: string
  readonly description: string | null
  readonly allowAutoAssign: boolean
  readonly memberIds: readonly number[]
}

export interface LabelRow {
  readonly id: number
  readonly accountId: number
  readonly title: string
  readonly description: string | null
  readonly color: string
  readonly showOnSidebar: boolean
}

export interface ChannelRow {
  readonly id: number
  /** One of contracts/channels.ts. */
  readonly type: string
  readonly email: string | null
  /** Null: the address does not work yet. */
  readonly emailConfirmedAt: Date | null
  readonly forwardToEmail: string | null
  readonly identifier: string | null
  readonly websiteToken: string | null
  readonly webhookUrl: string | null
  readonly hmacToken: string
  readonly settings: Json
}

export interface InboxRow {
  readonly id: number
  readonly accountId: number
  readonly name: string
  readonly businessName: string | null
  readonly senderNameType: string
  readonly enableAutoAssignment: boolean
  readonly autoAssignmentConfig: Json
  readonly greetingEnabled: boolean
  readonly greetingMessage: string | null
  readonly outOfOfficeMessage: string | null
  readonly workingHoursEnabled: boolean
  readonly timezone: string
  readonly csatSurveyEnabled: boolean
  readonly enableEmailCollect: boolean
  readonly allowMessagesAfterResolved: boolean
  readonly lockToSingleConversation: boolean
  readonly avatarUrl: string | null
  readonly signature: string | null
  readonly mailColor: string | null
  readonly quoteHistory: string
  /** The name of the transport; null: the account's. */
  readonly transport: string | null
  readonly csatConfig: Json
  /** All seven, from Sunday on. */
  readonly workingHours: readonly WorkingDay[]
  /** The bot that answers first. */
  readonly agentBotId: number | null
  readonly channel: ChannelRow
}

/** When an inbox is open on one day of the week (0 = Sunday), in its own zone. */
export interface WorkingDay {
  readonly dayOfWeek: number
  readonly closedAllDay: boolean
  readonly openAllDay: boolean
  readonly openHour: number | null
  readonly openMinutes: number | null
  readonly closeHour: number | null
  readonly closeMinutes: number | null
}

/** A program that takes part in conversations. */
export interface AgentBotRow {
  readonly id: number
  /** Null: the installation's, for any account. */
  readonly accountId: number | null
  readonly name: string
  readonly description: string | null
  readonly outgoingUrl: string | null
  readonly botType: string
  readonly botConfig: Json
  readonly avatarUrl: string | null
  /** The signing secret of its webhooks. */
  readonly secret: string
}

export interface ContactRow {
  readonly id: number
  readonly accountId: number
  readonly name: string
  readonly email: string | null
  readonly phoneNumber: string | null
  readonly identifier: string | null
  readonly blocked: boolean
  readonly avatarUrl: string | null
  readonly labels: readonly string[]
  readonly additionalAttributes: Json
  readonly customAttributes: Json
  readonly lastActivityAt: Date | null
  readonly createdAt: Date
}

/** A contact inbox. */
export interface ContactInboxRow {
  readonly id: number
  readonly sourceId: string
  /** Of a visitor who was merged into the contact: messages to the contact are not shown to them. */
  readonly merged: boolean
  readonly inbox: InboxRow
}

export type ContactWithInboxes = ContactRow & {
  /** Of contacts that were merged into this one. */
  readonly additionalPhoneNumbers: readonly string[]
  readonly additionalIdentifiers: readonly string[]
  readonly contactInboxes: readonly ContactInboxRow[]
  readonly addresses: readonly { readonly email: string; readonly state: AddressState }[]
}

export interface AttachmentRow {
  readonly id: number
  readonly accountId: number
  readonly messageId: number
  readonly fileType: string
  readonly fileName: string | null
  readonly contentType: string | null
  readonly byteSize: number
  readonly externalUrl: string | null
  readonly fallbackTitle: string | null
  /** Unguessable part of the download address. */
  readonly token: string
  /** Without <>; of a file that came by mail. */
  readonly contentId: string | null
  /** A picture that the HTML of the mail shows. */
  readonly inline: boolean
}

export type MessageSender =
  | ({ readonly type: 'user' } & AgentRow)
  | ({ readonly type: 'contact' } & ContactRow)
  | ({ readonly type: 'agent_bot' } & AgentBotRow)

export const messageTypes = ['incoming', 'outgoing', 'activity', 'template'] as const
export type MessageType = (typeof messageTypes)[number]

export const messageStatuses = ['sent', 'delivered', 'read', 'failed'] as const
export type MessageStatus = (typeof messageStatuses)[number]

export interface MessageRow {
  readonly id: number
  readonly accountId: number
  readonly inboxId: number
  readonly conversationId: number
  readonly messageType: MessageType
  readonly contentType: string
  readonly content: string | null
  readonly processedMessageContent: string | null
  readonly contentAttributes: Json
  readonly additionalAttributes: Json
  readonly private: boolean
  readonly status: MessageStatus
  /** Message-ID without <>. */
  readonly sourceId: string | null
  readonly senderType: 'contact' | 'user' | 'agent_bot' | null
  readonly senderId: number | null
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly sender: MessageSender | null
  readonly attachments: readonly AttachmentRow[]
}

export const conversationStatuses = ['open', 'resolved', 'pending', 'snoozed'] as const
export type ConversationStatus = (typeof conversationStatuses)[number]

export const addressStates = ['claimed', 'given', 'proven'] as const
export type AddressState = (typeof addressStates)[number]

export const priorities = ['low', 'medium', 'high', 'urgent'] as const
export type Priority = (typeof priorities)[number]

export interface ConversationRow {
  readonly id: number
  readonly displayId: number
  readonly uuid: string
  readonly accountId: number
  readonly inboxId: number
  readonly status: ConversationStatus
  readonly priority: Priority | null
  readonly snoozedUntil: Date | null
  readonly labels: readonly string[]
  readonly additionalAttributes: Json
  readonly customAttributes: Json
  readonly contactLastSeenAt: Date | null
  readonly agentLastSeenAt: Date | null
  readonly assigneeLastSeenAt: Date | null
  readonly lastActivityAt: Date
  readonly lastIncomingAt: Date | null
  readonly firstReplyCreatedAt: Date | null
  readonly waitingSince: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly contact: ContactRow
  readonly channelType: string
  readonly channelSettings: Json
  readonly assignee: AgentRow | null
  /** The bot that has it, instead of an agent. */
  readonly assigneeAgentBot: Pick<AgentBotRow, 'id' | 'name' | 'avatarUrl'> | null
  readonly team: TeamRow | null
  readonly sourceId: string | null
  readonly hmacVerified: boolean
  /** The recipient of replies; null: unknown. */
  readonly recipient: { readonly email: string; readonly state: AddressState } | null
}

/** A conversation as lists show it. */
export interface LinkedConversation {
  readonly displayId: number
  readonly inboxId: number
  readonly assigneeId: number | null
}

export type ConversationOverview = ConversationRow & {
  /** Incoming messages that no agent has seen, at most 10. */
  readonly unreadCount: number
  /** Conversations that began with the same mail, or with an answer to this one by another person; at most 50. */
  readonly linked: readonly LinkedConversation[]
  /** True if the channel allows an answer now. */
  readonly canReply: boolean
  readonly lastMessage: MessageRow | null
  readonly lastNonActivityMessage: MessageRow | null
}
