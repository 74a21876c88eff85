// Agents, teams, contacts and the person behind the token, in the shapes of chatwoot.md §4.2 and §4.3.

import type { UserRow } from '../../conversations/people/access-tokens.ts'
import type { AgentRow, ContactInboxRow, ContactRow, MessageSender, TeamRow } from '../../conversations/rows.ts'
import type { MembershipRow } from '../../conversations/people/users.ts'
import { epochSeconds } from './time.ts'

type Json = Record<string, unknown>

export function presentAgent(agent: AgentRow): Json {
  return {
    id: agent.id,
    account_id: agent.accountId,
    availability_status: agent.availability,
    auto_offline: agent.autoOffline,
    confirmed: true,
    email: agent.email,
    provider: 'email',
    available_name: agent.displayName ?? agent.name,
    custom_attributes: agent.customAttributes,
    name: agent.name,
    role: agent.role,
    thumbnail: '',
  }
}

/** `viewerId` decides `is_member`. */
export function presentTeam(team: TeamRow, viewerId: number): Json {
  return {
    id: team.id,
    name: team.name,
    description: team.description,
    allow_auto_assign: team.allowAutoAssign,
    account_id: team.accountId,
    is_member: team.memberIds.includes(viewerId),
  }
}

export function presentContact(contact: ContactRow): Json {
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

/** A contact's place in an inbox, as its contact shows it. */
export function presentContactInbox({ sourceId, inbox }: ContactInboxRow): Json {
  return {
    source_id: sourceId,
    inbox: { id: inbox.id, avatar_url: '', channel_id: inbox.channel.id, name: inbox.name, channel_type: inbox.channel.type, provider: inbox.channel.settings['provider'] ?? null },
  }
}

/** The author of a message, as live events and messages show them. */
export function presentSender(sender: MessageSender): Json {
  if (sender.type === 'contact') return presentContactSender(sender)
  return presentUserSender(sender)
}

export function presentUserSender(agent: AgentRow): Json {
  return {
    id: agent.id,
    name: agent.name,
    available_name: agent.displayName ?? agent.name,
    avatar_url: '',
    type: 'user',
    availability_status: agent.availability,
    thumbnail: '',
  }
}

export function presentContactSender(contact: ContactRow): Json {
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

/** The person behind a token; only they ever see it, and they have just shown it. */
export function presentProfile(user: UserRow, token: string, memberships: readonly MembershipRow[]): Json {
  const first = memberships[0]
  return {
    access_token: token,
    account_id: first?.account.id ?? null,
    available_name: user.displayName ?? user.name,
    avatar_url: '',
    confirmed: true,
    display_name: user.displayName,
    message_signature: user.messageSignature,
    email: user.email,
    id: user.id,
    inviter_id: null,
    name: user.name,
    provider: 'email',
    pubsub_token: user.pubsubToken,
    custom_attributes: user.customAttributes,
    role: first?.role ?? null,
    ui_settings: user.uiSettings,
    uid: user.email,
    type: user.installationAdministrator ? 'SuperAdmin' : null,
    accounts: memberships.map(presentMembership),
  }
}

function presentMembership(membership: MembershipRow): Json {
  const { account, role, availability, autoOffline, activeAt } = membership
  return {
    id: account.id,
    name: account.name,
    status: account.status,
    active_at: activeAt,
    role,
    permissions: [role],
    availability,
    availability_status: availability,
    auto_offline: autoOffline,
  }
}
