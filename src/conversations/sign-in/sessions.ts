// Sessions of people who have signed in: found by a token of 256 random bits, of which only the SHA-256 is kept. One
// ends 30 days after it was last used, 90 days after it began, or when it is revoked.

import { randomBytes } from 'node:crypto'

import { inTransaction, type Pool, queryOne, type Sql, statement, type Tx } from '../../db/pool.ts'
import { hashToken, toUserRow, userObject, type UserRow } from '../people/access-tokens.ts'

/** The device of a sign-in. */
export interface Device {
  readonly ip: string
  readonly userAgent: string
  /** The session that the same browser had before, which ends; null = none. */
  readonly replaces: string | null
}

export interface NewSession {
  readonly id: number
  readonly userId: number
  /** Known here only. */
  readonly token: string
  readonly client: string
  readonly expiresAt: Date
}

/** A session as its owner may see it. */
export interface SessionRow {
  readonly id: number
  readonly createdAt: Date
  readonly lastSeenAt: Date
  readonly expiresAt: Date
  readonly ip: string
  readonly userAgent: string
}

export interface LiveSession {
  readonly id: number
  readonly client: string
  readonly expiresAt: Date
  readonly user: UserRow
}

const lastingDays = 30
const longestDays = 90
const mostPerUser = 50
const maxUserAgent = 400

/** Starts a session in the caller's transaction; the oldest of a user with very many ends. */
export async function openSession(
  tx: Tx,
  { userId, beganBy }: { readonly userId: number; readonly beganBy: 'link' | 'password' },
  device: Device,
): Promise<NewSession> {
  const [token, client] = [randomBytes(32).toString('base64url'), randomBytes(16).toString('base64url')]
  if (device.replaces !== null)
    await tx.query('update user_sessions set revoked_at = now() where token_hash = $1 and revoked_at is null', [
      hashToken(device.replaces),
    ])
  const row = await queryOne<{ id: number; expiresAt: Date }>(
    tx,
    `insert into user_sessions (user_id, token_hash, client, ip, user_agent, began_by, expires_at)
     values ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 day')
     returning id, expires_at as "expiresAt"`,
    [userId, hashToken(token), client, device.ip, device.userAgent.slice(0, maxUserAgent), beganBy, lastingDays],
  )
  if (row === null) throw new Error('an insert gave no row')
  await tx.query(
    `update user_sessions set revoked_at = now()
     where user_id = $1
       and revoked_at is null
       and id not in (
         select id from user_sessions
         where user_id = $1 and revoked_at is null
         order by last_seen_at desc, id desc
         limit $2
       )`,
    [userId, mostPerUser],
  )
  return { ...row, userId, token, client }
}

const sessionOf = statement(
  `select
     s.id,
     s.client,
     s.expires_at as "expiresAt",
     s.last_seen_at < now() - interval '1 minute' as "isDue",
     ${userObject('u')} as "user"
   from user_sessions s
   join users u on u.id = s.user_id and u.confirmed_at is not null
   where s.token_hash = $1 and s.revoked_at is null and s.expires_at > now()`,
)

// Once a minute at most, however many requests come at once.
const touchSql = `
  update user_sessions set
    last_seen_at = now(),
    ip = $2,
    expires_at = least(now() + $3 * interval '1 day', created_at + $4 * interval '1 day')
  where id = $1 and last_seen_at < now() - interval '1 minute'`

export function createSessions({ pool }: { readonly pool: Pool }) {
  return {
    /** The live session of a token, or null; notes that it is used, from where. */
    async findSession(token: string, ip: string): Promise<LiveSession | null> {
      type Found = Omit<LiveSession, 'user'> & { isDue: boolean; user: Parameters<typeof toUserRow>[0] }
      const found = (await pool.query<Found>(sessionOf([hashToken(token)]))).rows[0]
      if (found === undefined) return null
      const { isDue, user, ...session } = found
      if (isDue) await pool.query(touchSql, [session.id, ip, lastingDays, longestDays])
      return { ...session, user: toUserRow(user) }
    },

    /** Starts a session after the password was right. */
    beginSession: (userId: number, device: Device): Promise<NewSession> =>
      inTransaction(pool, (tx) => openSession(tx, { userId, beganBy: 'password' }, device)),

    /** The live ones of a person, the last used first. */
    async listSessions(userId: number): Promise<SessionRow[]> {
      const { rows } = await pool.query<SessionRow & Record<string, unknown>>(
        `select
           id,
           created_at as "createdAt",
           last_seen_at as "lastSeenAt",
           expires_at as "expiresAt",
           ip,
           user_agent as "userAgent"
         from user_sessions
         where user_id = $1 and revoked_at is null and expires_at > now()
         order by last_seen_at desc, id desc`,
        [userId],
      )
      return rows
    },

    /** False: the user has no live session with this id. */
    async revokeSession(userId: number, id: number): Promise<boolean> {
      const { rowCount } = await pool.query(
        `update user_sessions set revoked_at = now()
         where user_id = $1 and id = $2 and revoked_at is null and expires_at > now()`,
        [userId, id],
      )
      return rowCount === 1
    },

    /** Ends all sessions of a person but one; `kept` null = all. */
    revokeOtherSessions: (userId: number, kept: number | null) => revokeOthers(pool, userId, kept),
  }
}

/** As `revokeOtherSessions`, in the caller's transaction. */
export async function revokeOthers(sql: Sql, userId: number, kept: number | null): Promise<void> {
  await sql.query(
    `update user_sessions set revoked_at = now()
     where user_id = $1 and revoked_at is null and id is distinct from $2`,
    [userId, kept],
  )
}

/** Deletes sessions that ended a month ago; how many. */
export async function sweepSessions(sql: Sql): Promise<number> {
  const { rowCount } = await sql.query(
    `delete from user_sessions
     where expires_at < now() - interval '30 days' or revoked_at < now() - interval '30 days'`,
  )
  return rowCount ?? 0
}
