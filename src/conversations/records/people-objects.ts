// Users, bots and contacts as JSON objects in plain SQL, so that one statement reads them together with their tokens,
// messages or conversations. Every request reads them.

import { toJson } from './row-mapping.ts'
import type { AgentBotRow, AgentRow, ContactRow } from './rows.ts'

/** `table.column as "name"`, for each [name, column]. */
export const columns = (table: string, names: readonly (readonly [name: string, column: string])[]): string =>
  names.map(([name, column]) => `${table}.${column} as "${name}"`).join(', ')

const object = (key: string, fields: Readonly<Record<string, string>>): string =>
  `case when ${key} is not null then jsonb_build_object(${Object.entries(fields)
    .map(([name, value]) => `'${name}', ${value}`)
    .join(', ')}) end`

/** As SQL: the contact `k`; null where the join found none. `toContact` reads it. */
export const contactObject = (k: string): string =>
  object(`${k}.id`, {
    id: `${k}.id`,
    accountId: `${k}.account_id`,
    name: `${k}.name`,
    email: `${k}.email`,
    phoneNumber: `${k}.phone_number`,
    identifier: `${k}.identifier`,
    blocked: `${k}.blocked`,
    avatarUrl: `${k}.avatar_url`,
    labels: `${k}.labels`,
    additionalAttributes: `${k}.additional_attributes`,
    customAttributes: `${k}.custom_attributes`,
    lastActivityAt: `${k}.last_activity_at`,
    createdAt: `${k}.created_at`,
  })

/** As SQL: the user `u` as the agent that the membership `m` makes them. `toAgent` reads it. */
export const agentObject = (u: string, m: string, accountId: string): string =>
  object(`${u}.id`, {
    id: `${u}.id`,
    accountId,
    name: `${u}.name`,
    displayName: `${u}.display_name`,
    email: `${u}.email`,
    avatarUrl: `${u}.avatar_url`,
    role: `coalesce(${m}.role, 'agent')`,
    availability: `coalesce(${m}.availability, 'offline')`,
    autoOffline: `coalesce(${m}.auto_offline, true)`,
    confirmed: `${u}.confirmed_at is not null and (${m}.user_id is null or ${m}.accepted_at is not null)`,
    customAttributes: `${u}.custom_attributes`,
  })

/** As SQL: the agent bot `b`. `toBot` reads it. */
export const botObject = (b: string): string =>
  object(`${b}.id`, {
    id: `${b}.id`,
    accountId: `${b}.account_id`,
    name: `${b}.name`,
    description: `${b}.description`,
    outgoingUrl: `${b}.outgoing_url`,
    botType: `${b}.bot_type`,
    botConfig: `${b}.bot_config`,
    avatarUrl: `${b}.avatar_url`,
    secret: `${b}.secret`,
  })

/** A contact as JSON has it: times are text. */
export type ContactObject = Omit<ContactRow, 'lastActivityAt' | 'createdAt'> & {
  readonly lastActivityAt: string | null
  readonly createdAt: string
}

export function toContact(read: ContactObject): ContactRow {
  return {
    ...read,
    additionalAttributes: toJson(read.additionalAttributes),
    customAttributes: toJson(read.customAttributes),
    lastActivityAt: read.lastActivityAt === null ? null : new Date(read.lastActivityAt),
    createdAt: new Date(read.createdAt),
  }
}

export function toAgent(read: AgentRow): AgentRow {
  return { ...read, customAttributes: toJson(read.customAttributes) }
}

export function toBot(read: AgentBotRow): AgentBotRow {
  return { ...read, botConfig: toJson(read.botConfig) }
}
