// A member's notices by mail: by Chatwoot's flags in an account, and for the new conversations of one inbox. By default
// all notices, and of new conversations the unassigned ones. The view inbox_watchers computes the members for an inbox.

import { type Pool, queryOne } from '../../db/pool.ts'

/**
 * Chatwoot's names, and `email_held_mail`, the daily mail of what is held. Mail is sent for the first four and for
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

const usualEmailFlags: readonly string[] = [...emailFlags.slice(0, 4), 'email_held_mail']

/** The new conversations of an inbox that are notified: all, the unassigned ones, or none. */
export const inboxLevels = ['all', 'unassigned', 'none'] as const
export type InboxLevel = (typeof inboxLevels)[number]

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
  return {
    read,

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

    /** A member's level for an inbox; null: not set, the account's flags count. */
    async readInboxLevel(inboxId: number, userId: number): Promise<InboxLevel | null> {
      const row = await queryOne<{ level: InboxLevel }>(
        pool,
        'select new_conversations as level from inbox_notifications where inbox_id = $1 and user_id = $2',
        [inboxId, userId],
      )
      return row?.level ?? null
    },

    /** Null takes the setting away. */
    async setInboxLevel(inboxId: number, userId: number, level: InboxLevel | null): Promise<void> {
      await (level === null
        ? pool.query('delete from inbox_notifications where inbox_id = $1 and user_id = $2', [inboxId, userId])
        : pool.query(
            `insert into inbox_notifications (inbox_id, user_id, new_conversations) values ($1, $2, $3)
             on conflict (inbox_id, user_id) do update set new_conversations = excluded.new_conversations`,
            [inboxId, userId, level],
          ))
    },
  }
}
