// Maps Prisma's records to domain types: the only file in which the two meet, so that the database's types end here.

import type { Prisma } from '../../db/client.ts'
import type { AccountRow, AgentBotRow, AgentRow, ContactRow, InboxRow, Json, TeamRow } from './rows.ts'
import { weekOf } from './working-hours.ts'

/** The relations fetched with a user who acts in an account. */
export const agentInclude = (accountId: number) =>
  ({ accountUsers: { where: { accountId } } }) satisfies Prisma.UserInclude
export const inboxInclude = { channel: true } satisfies Prisma.InboxInclude
export const teamInclude = { members: { select: { userId: true } } } satisfies Prisma.TeamInclude

type UserRecord = Prisma.UserGetPayload<{ include: ReturnType<typeof agentInclude> }>
type InboxRecord = Prisma.InboxGetPayload<{ include: typeof inboxInclude }>
type TeamRecord = Prisma.TeamGetPayload<{ include: typeof teamInclude }>

/** A JSON column as an object; any other JSON becomes {}. Never throws. */
export function toJson(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}

export function toAccountRow(record: Prisma.AccountModel): AccountRow {
  return { ...record, settings: toJson(record.settings), customAttributes: toJson(record.customAttributes) }
}

export function toAgentRow(record: UserRecord, accountId: number): AgentRow {
  const membership = record.accountUsers.find((row) => row.accountId === accountId)
  return {
    id: record.id,
    accountId,
    name: record.name,
    displayName: record.displayName,
    email: record.email,
    avatarUrl: record.avatarUrl,
    role: membership?.role ?? 'agent',
    availability: membership?.availability ?? 'offline',
    autoOffline: membership?.autoOffline ?? true,
    confirmed: record.confirmedAt !== null && membership?.acceptedAt !== null,
    customAttributes: toJson(record.customAttributes),
  }
}

export function toContactRow(record: Prisma.ContactModel): ContactRow {
  return {
    ...record,
    additionalAttributes: toJson(record.additionalAttributes),
    customAttributes: toJson(record.customAttributes),
  }
}

export function toInboxRow(record: InboxRecord): InboxRow {
  const { channel } = record
  return {
    ...record,
    autoAssignmentConfig: toJson(record.autoAssignmentConfig),
    csatConfig: toJson(record.csatConfig),
    workingHours: weekOf(record.workingHours),
    channel: { ...channel, type: channel.channelType, settings: toJson(channel.settings) },
  }
}

/**
 * The inboxes of `records` that still exist. Prisma reads each relation in a query of its own: an inbox that is deleted
 * between two of them is null or has no channel, although the types say otherwise.
 */
export function toInboxRows(records: readonly (InboxRecord | null)[]): InboxRow[] {
  const isWhole = (record: InboxRecord | null): record is InboxRecord => (record?.channel ?? null) !== null
  return records.filter(isWhole).map(toInboxRow)
}

export function toTeamRow(record: TeamRecord): TeamRow {
  return { ...record, memberIds: record.members.map((member) => member.userId) }
}

export function toAgentBotRow(record: Prisma.AgentBotModel): AgentBotRow {
  return { ...record, botConfig: toJson(record.botConfig) }
}
