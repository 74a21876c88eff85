// Agents, teams and contacts, in Chatwoot's shape

import { z } from 'zod'

import type { VisibleInboxes } from '../../conversations/records/access.ts'
import {
  addressStates,
  type AgentRow,
  type ContactInboxRow,
  type ContactRow,
  type ContactWithInboxes,
  type MessageSender,
  type TeamRow,
} from '../../conversations/records/rows.ts'
import { anything, epoch, id, json, listOf, maybeText, named, text } from './kinds.ts'
import { epochSeconds } from './time.ts'

export const availability = z.enum(['online', 'offline', 'busy'])
export const role = z.enum(['agent', 'administrator'])

export const agentShape = named(
  'Agent',
  z.object({
    id,
    account_id: id,
    availability_status: availability,
    auto_offline: z.boolean(),
    confirmed: z.boolean(),
    email: text,
    provider: text,
    available_name: text,
    custom_attributes: json,
    name: text,
    role,
    thumbnail: text,
  }),
)

export function presentAgent(agent: AgentRow): z.output<typeof agentShape> {
  return {
    id: agent.id,
    account_id: agent.accountId,
    availability_status: agent.availability,
    auto_offline: agent.autoOffline,
    confirmed: agent.confirmed,
    email: agent.email,
    provider: 'email',
    available_name: agent.displayName ?? agent.name,
    custom_attributes: agent.customAttributes,
    name: agent.name,
    role: agent.role,
    thumbnail: agent.avatarUrl ?? '',
  }
}

export const teamShape = named(
  'Team',
  z.object({
    id,
    name: text,
    description: maybeText,
    allow_auto_assign: z.boolean(),
    account_id: id,
    is_member: z.boolean(),
  }),
)

/** `viewerId` decides `is_member`; null = a bot. */
export function presentTeam(team: TeamRow, viewerId: number | null): z.output<typeof teamShape> {
  return {
    id: team.id,
    name: team.name,
    description: team.description,
    allow_auto_assign: team.allowAutoAssign,
    account_id: team.accountId,
    is_member: viewerId !== null && team.memberIds.includes(viewerId),
  }
}

const contactFields = {
  additional_attributes: json,
  availability_status: availability,
  email: maybeText,
  id,
  name: text,
  phone_number: maybeText,
  blocked: z.boolean(),
  identifier: maybeText,
  thumbnail: text,
  custom_attributes: json,
  last_activity_at: epoch.optional(),
  created_at: epoch,
}
export const contactShape = named('Contact', z.object(contactFields))

export function presentContact(contact: ContactRow): z.output<typeof contactShape> {
  return {
    additional_attributes: contact.additionalAttributes,
    availability_status: 'offline',
    email: contact.email,
    id: contact.id,
    name: contact.name,
    phone_number: contact.phoneNumber,
    blocked: contact.blocked,
    identifier: contact.identifier,
    thumbnail: contact.avatarUrl ?? '',
    custom_attributes: contact.customAttributes,
    ...(contact.lastActivityAt === null ? {} : { last_activity_at: epochSeconds(contact.lastActivityAt) }),
    created_at: epochSeconds(contact.createdAt),
  }
}

const slimInboxShape = named(
  'InboxOfContact',
  z.object({ id, avatar_url: text, channel_id: id, name: text, channel_type: text, provider: anything }),
)
const contactInboxShape = named('ContactInbox', z.object({ source_id: text, inbox: slimInboxShape }))
/** A contact with its contact inboxes. */
export const contactWithInboxesShape = named(
  'ContactWithInboxes',
  z.object({
    ...contactFields,
    addresses: listOf(z.object({ email: text, state: z.enum(addressStates) })),
    additional_phone_numbers: listOf(text),
    additional_identifiers: listOf(text),
    contact_inboxes: listOf(contactInboxShape).optional(),
  }),
)

/** A contact inbox, as part of its contact. */
function presentContactInbox({ sourceId, inbox }: ContactInboxRow): z.output<typeof contactInboxShape> {
  return {
    source_id: sourceId,
    inbox: {
      id: inbox.id,
      avatar_url: inbox.avatarUrl ?? '',
      channel_id: inbox.channel.id,
      name: inbox.name,
      channel_type: inbox.channel.type,
      provider: inbox.channel.settings['provider'] ?? null,
    },
  }
}

export const userSenderShape = named(
  'UserSender',
  z.object({
    id,
    name: text,
    available_name: text,
    avatar_url: text,
    type: z.literal('user'),
    availability_status: availability,
    thumbnail: text,
  }),
)
export const contactSenderShape = named(
  'ContactSender',
  z.object({
    additional_attributes: json,
    custom_attributes: json,
    email: maybeText,
    id,
    identifier: maybeText,
    name: text,
    phone_number: maybeText,
    thumbnail: text,
    blocked: z.boolean(),
    type: z.literal('contact'),
  }),
)
export const botSenderShape = named(
  'BotSender',
  z.object({ id, name: text, avatar_url: text, type: z.literal('agent_bot') }),
)
export const senderShape = z.discriminatedUnion('type', [userSenderShape, contactSenderShape, botSenderShape])

/**
 * A contact with its contact inboxes, if `wanted`: only those in inboxes that `viewer` sees, because a source id lets
 * its holder write in the inbox.
 */
export function presentWithInboxes(
  contact: ContactWithInboxes,
  viewer: { readonly visibleInboxes: VisibleInboxes },
  wanted = true,
): z.output<typeof contactWithInboxesShape> {
  const { visibleInboxes } = viewer
  const seen = contact.contactInboxes.filter(
    ({ inbox }) => visibleInboxes === null || visibleInboxes.includes(inbox.id),
  )
  return {
    ...presentContact(contact),
    addresses: [...contact.addresses],
    additional_phone_numbers: [...contact.additionalPhoneNumbers],
    additional_identifiers: [...contact.additionalIdentifiers],
    ...(wanted ? { contact_inboxes: seen.map(presentContactInbox) } : {}),
  }
}

/** The author of a message, as live events and messages show them. */
export function presentSender(sender: MessageSender): z.output<typeof senderShape> {
  if (sender.type === 'contact') return presentContactSender(sender)
  if (sender.type === 'agent_bot') return presentBotSender(sender)
  return presentUserSender(sender)
}

export function presentBotSender(bot: {
  readonly id: number
  readonly name: string
  readonly avatarUrl: string | null
}): z.output<typeof botSenderShape> {
  return { id: bot.id, name: bot.name, avatar_url: bot.avatarUrl ?? '', type: 'agent_bot' }
}

export function presentUserSender(agent: AgentRow): z.output<typeof userSenderShape> {
  return {
    id: agent.id,
    name: agent.name,
    available_name: agent.displayName ?? agent.name,
    avatar_url: agent.avatarUrl ?? '',
    type: 'user',
    availability_status: agent.availability,
    thumbnail: agent.avatarUrl ?? '',
  }
}

export function presentContactSender(contact: ContactRow): z.output<typeof contactSenderShape> {
  return {
    additional_attributes: contact.additionalAttributes,
    custom_attributes: contact.customAttributes,
    email: contact.email,
    id: contact.id,
    identifier: contact.identifier,
    name: contact.name,
    phone_number: contact.phoneNumber,
    thumbnail: contact.avatarUrl ?? '',
    blocked: contact.blocked,
    type: 'contact',
  }
}
