// The person behind a token, in Chatwoot's shape

import { z } from 'zod'

import type { UserRow } from '../../conversations/people/access-tokens.ts'
import type { MembershipRow } from '../../conversations/records/users.ts'
import { id, isoTime, json, listOf, maybeText, named, text } from './kinds.ts'
import { availability, role } from './people.ts'

const membershipShape = z.object({
  id,
  name: text,
  status: z.enum(['active', 'suspended']),
  active_at: isoTime.nullable(),
  role,
  permissions: listOf(text),
  availability,
  availability_status: availability,
  auto_offline: z.boolean(),
})

export const profileShape = named(
  'Profile',
  z.object({
    /** Empty where the request was signed by a cookie. */
    access_token: text,
    account_id: id.nullable(),
    available_name: text,
    avatar_url: text,
    confirmed: z.boolean(),
    display_name: maybeText,
    message_signature: maybeText,
    email: text,
    /** While it waits for its link to be opened. */
    unconfirmed_email: text.optional(),
    id,
    inviter_id: z.null(),
    name: text,
    provider: text,
    pubsub_token: text,
    custom_attributes: json,
    role: role.nullable(),
    ui_settings: json,
    uid: text,
    type: maybeText,
    accounts: listOf(membershipShape),
  }),
)

/**
 * The person behind a token; only they ever see it, and they have just shown it. To a page, which has a cookie,
 * `token` is ''.
 */
export function presentProfile(
  user: UserRow,
  token: string,
  memberships: readonly MembershipRow[],
): z.output<typeof profileShape> {
  const first = memberships[0]
  return {
    access_token: token,
    account_id: first?.account.id ?? null,
    available_name: user.displayName ?? user.name,
    avatar_url: user.avatarUrl ?? '',
    confirmed: true,
    display_name: user.displayName,
    message_signature: user.messageSignature,
    email: user.email,
    ...(user.unconfirmedEmail === null ? {} : { unconfirmed_email: user.unconfirmedEmail }),
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

function presentMembership(membership: MembershipRow): z.output<typeof membershipShape> {
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
