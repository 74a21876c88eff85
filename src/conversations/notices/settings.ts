// A member's notices by mail: by Chatwoot's flags in an account, and for the new conversations of one inbox. By default
// all notices, and of new conversations the unassigned ones. The view inbox_watchers computes the members for an inbox.

import { type Pool, queryOne } from '../../db/pool.ts'

/**
 * Chatwoot's names, and `email_held_mail`, the daily mail of what is held. Mail is sent for the first five and for
 * that one; the others are stored for clients that show them.
 */
export const emailFlags = [
  'email_conversation_creation',
  'email_conversation_assignment',
  'email_assigned_conversation_new_message',
  'email_participating_conversation_new_message',
  'email_conversation_mention',
  'email_sla_missed_first_response',
  'email_sla_missed_next_response',
  'email_sla_missed_resolution',
  'email_held_mail',
] as const

/** Kept for clients that show them; no push is sent. */
export const pushFlags = [
  'push_conversation_creation',
  'push_conversation_assignment',
  'push_assigned_conversation_new_message',
  'push_participating_conversation_new_message',
  'push_conversation_mention',
  'push_sla_missed_first_response',
  'push_sla_missed_next_response',
  'push_sla_missed_resolution',
] as const

const usualEmailFlags: readonly string[] = [...emailFlags.slice(0, 5), 'email_held_mail']

/** The new conversations of an inbox that are notified: all, the unassigned ones, or none. */
export const inboxLevels = ['all', 'unassigned', 'none'] as const
export type InboxLevel = (typeof inboxLevels)[number]

/** Those that can be muted for one inbox; its new conversations have levels. */
export const mutableFlags = [
  'email_conversation_assignment',
  'email_assigned_conversation_new_message',
  'email_participating_conversation_new_message',
  'email_conversation_mention',
] as const satisfies readonly (typeof emailFlags)[number][]

export interface InboxMember {
  readonly inboxId: number
  readonly userId: number
}

export interface InboxSettings {
  /** Null: not set, the account's flags count. */
  readonly level: InboxLevel | null
  /** Flags whose notices the member does not want for this inbox. */
  readonly muted: readonly string[]
}

export interface MemberOf {
  readonly accountId: number
  readonly userId: number
}

export interface Flags {
  readonly email: readonly string[]
  readonly push: readonly string[]
}

export function createNotificationSettings(pool: Pool) {
  const read = async ({ accountId, userId }: MemberOf): Promise<Flags> => {
    const row = await queryOne<Flags>(
      pool,
      `
        select email_flags as email, push_flags as push
        from notification_settings
        where account_id = $1 and user_id = $2
      `,
      [accountId, userId],
    )
    return row ?? { email: usualEmailFlags, push: [] }
  }
  const readInbox = async ({ inboxId, userId }: InboxMember): Promise<InboxSettings> => {
    const row = await queryOne<InboxSettings & Record<string, unknown>>(
      pool,
      `
        select new_conversations as level, muted_email_flags as muted
        from inbox_notifications
        where inbox_id = $1 and user_id = $2
      `,
      [inboxId, userId],
    )
    return row ?? { level: null, muted: [] }
  }
  return {
    read,
    /** A member's settings for an inbox. */
    readInbox,

    /** Absent fields stay unchanged. */
    async change(
      member: MemberOf,
      given: { readonly [Kind in keyof Flags]?: Flags[Kind] | undefined },
    ): Promise<Flags> {
      await pool.query(
        `insert into notification_settings as s (account_id, user_id, email_flags, push_flags)
         select account_id, user_id, coalesce($3::text[], $5::text[]), coalesce($4::text[], '{}')
         from account_users
         where account_id = $1 and user_id = $2
         on conflict (account_id, user_id) do update set
           email_flags = coalesce($3::text[], s.email_flags),
           push_flags = coalesce($4::text[], s.push_flags)`,
        [member.accountId, member.userId, given.email ?? null, given.push ?? null, usualEmailFlags],
      )
      return read(member)
    },

    /** Absent fields stay unchanged; a level of null takes the level away. */
    async changeInbox(member: InboxMember, given: Partial<InboxSettings>): Promise<InboxSettings> {
      await pool.query(
        `
          insert into inbox_notifications as n (inbox_id, user_id, new_conversations, muted_email_flags)
          values ($1, $2, $4, coalesce($5::text[], '{}'))
          on conflict (inbox_id, user_id) do update set
            new_conversations = case when $3 then excluded.new_conversations else n.new_conversations end,
            muted_email_flags = coalesce($5::text[], n.muted_email_flags)
        `,
        [member.inboxId, member.userId, given.level !== undefined, given.level ?? null, given.muted ?? null],
      )
      return readInbox(member)
    },
  }
}
