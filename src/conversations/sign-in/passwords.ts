// The password of a user, optional beside links: set by a user who knows the old one, or has just signed in by a link.
// A new one ends the other sessions and the links that were mailed.

import { inTransaction, type Pool, queryOne, type Tx } from '../../db/pool.ts'
import { revokeLinks } from '../links/one-time-links.ts'
import type { Problem, Saved } from '../records/problem.ts'
import { findPasswordProblems } from './password-rules.ts'
import { hashPassword, isPassword } from './scrypt.ts'
import { revokeOthers } from './sessions.ts'

interface NewPassword {
  readonly password: string
  /** Null: it is not known, or not asked for. */
  readonly currentPassword: string | null
  /** The session that stays; null = an access token asks. */
  readonly sessionId: number | null
}

/** The time after signing in by a link in which the old password is not asked for. */
const freshMinutes = 60
const isWrong: Problem = { attribute: 'current_password', message: 'is invalid' }

export function createPasswords({ pool }: { readonly pool: Pool }) {
  return {
    /** The user with this address and password, or null; takes the same time whichever of them is wrong. */
    async findByPassword(email: string, password: string): Promise<{ readonly userId: number } | null> {
      const row = await queryOne<{ userId: number; hash: string | null }>(
        pool,
        `select u.id as "userId", c.password_hash as hash
         from users u
         left join user_credentials c on c.user_id = u.id
         where u.email = $1 and u.confirmed_at is not null`,
        [email.trim().toLowerCase()],
      )
      return (await isPassword(password, row?.hash ?? null)) && row !== null ? { userId: row.userId } : null
    },

    hasPassword: async (userId: number): Promise<boolean> => (await findHash(pool, userId)) !== null,

    isPasswordOf: async (userId: number, password: string): Promise<boolean> =>
      isPassword(password, await findHash(pool, userId)),

    /** Sets a new password; the old one is required, if there is one and the user has not just signed in by a link. */
    async changePassword(
      user: { readonly id: number; readonly email: string },
      { password, currentPassword, sessionId }: NewPassword,
    ): Promise<Saved<null>> {
      const problems = findPasswordProblems(password, user.email)
      if (problems.length > 0) return { problems }
      const hash = await findHash(pool, user.id)
      const mayChange =
        hash === null || (await isFresh(pool, sessionId)) || (await isPassword(currentPassword ?? '', hash))
      if (!mayChange) return { problems: [isWrong] }
      const next = await hashPassword(password)
      await inTransaction(pool, (tx) => keepPassword(tx, { userId: user.id, hash: next, currentSession: sessionId }))
      return { saved: null }
    },
  }
}

/** Keeps a hash as the user's, and ends what the old password or a link has opened. */
export async function keepPassword(
  tx: Tx,
  {
    userId,
    hash,
    currentSession,
  }: { readonly userId: number; readonly hash: string; readonly currentSession: number | null },
): Promise<void> {
  await tx.query(
    `insert into user_credentials (user_id, password_hash) values ($1, $2)
     on conflict (user_id) do update set password_hash = $2`,
    [userId, hash],
  )
  await revokeOthers(tx, userId, currentSession)
  for (const purpose of ['sign-in', 'second-factor'] as const) await revokeLinks(tx, { purpose, subjectId: userId })
}

async function findHash(pool: Pool, userId: number): Promise<string | null> {
  const row = await queryOne<{ hash: string | null }>(
    pool,
    'select password_hash as hash from user_credentials where user_id = $1',
    [userId],
  )
  return row?.hash ?? null
}

async function isFresh(pool: Pool, sessionId: number | null): Promise<boolean> {
  const row = await queryOne(
    pool,
    `select 1 from user_sessions
     where id = $1 and began_by = 'link' and created_at > now() - $2 * interval '1 minute'`,
    [sessionId, freshMinutes],
  )
  return row !== null
}
