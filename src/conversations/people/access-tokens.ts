// Access tokens of persons and bots. Only the SHA-256 of a token is stored, so that a copy of the database contains no
// usable token: a token is returned once, when it is created.

import { createHash, randomBytes } from 'node:crypto'

import { inTransaction, type Pool, queryOne, type Sql, statement } from '../../db/pool.ts'
import { botObject, toBot } from '../records/people-objects.ts'
import { toJson } from '../records/row-mapping.ts'
import type { AgentBotRow, Json } from '../records/rows.ts'

/** A person who may sign in, apart from any account. */
export interface UserRow {
  readonly id: number
  readonly name: string
  readonly displayName: string | null
  readonly email: string
  /** Replaces `email` when the link sent to it is opened. */
  readonly unconfirmedEmail: string | null
  /** Administrator of the whole installation. */
  readonly installationAdministrator: boolean
  readonly messageSignature: string | null
  readonly avatarUrl: string | null
  readonly pubsubToken: string
  readonly uiSettings: Json
  readonly customAttributes: Json
}

export type TokenOwner =
  { readonly user: UserRow; readonly bot: null } | { readonly user: null; readonly bot: AgentBotRow }

/** A token as it is listed: without its secret. */
export interface AccessTokenRow {
  readonly id: number
  readonly name: string | null
  readonly createdAt: Date
}

/** The owner of the new token. */
export type OwnerId = { readonly userId: number } | { readonly agentBotId: number }

/** The form in which a token is kept. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest()
}

export function toUserRow(
  record: { readonly type: string | null; readonly uiSettings: unknown; readonly customAttributes: unknown } & Omit<
    UserRow,
    'installationAdministrator' | 'uiSettings' | 'customAttributes'
  >,
): UserRow {
  return {
    ...record,
    installationAdministrator: record.type === 'SuperAdmin',
    uiSettings: toJson(record.uiSettings),
    customAttributes: toJson(record.customAttributes),
  }
}

/** Makes a token of 192 random bits in the caller's transaction and returns it, this once. */
export async function issueToken(
  sql: Sql,
  owner: OwnerId,
  name: string | null,
): Promise<{ readonly token: string; readonly row: AccessTokenRow }> {
  const token = randomBytes(24).toString('base64url')
  const [userId, agentBotId] = 'userId' in owner ? [owner.userId, null] : [null, owner.agentBotId]
  const { rows } = await sql.query<{ id: number; created_at: Date }>(
    `
      insert into access_tokens (user_id, agent_bot_id, name, token_hash)
      values ($1, $2, $3, $4)
      returning id, created_at
    `,
    [userId, agentBotId, name, hashToken(token)],
  )
  return { token, row: { id: rows[0]?.id ?? 0, name, createdAt: rows[0]?.created_at ?? new Date() } }
}

/** As SQL: the user `u`, of whom `toUserRow` makes a row. */
export const userObject = (u: string): string =>
  `jsonb_build_object(
     'id', ${u}.id,
     'name', ${u}.name,
     'displayName', ${u}.display_name,
     'email', ${u}.email,
     'unconfirmedEmail', ${u}.unconfirmed_email,
     'type', ${u}.type,
     'messageSignature', ${u}.message_signature,
     'avatarUrl', ${u}.avatar_url,
     'pubsubToken', ${u}.pubsub_token,
     'uiSettings', ${u}.ui_settings,
     'customAttributes', ${u}.custom_attributes
   )`

const ownerOf = statement(
  `
    select case when u.id is not null then ${userObject('u')} end as user, ${botObject('b')} as bot
    from access_tokens t
    left join users u on u.id = t.user_id and u.confirmed_at is not null
    left join agent_bots b on b.id = t.agent_bot_id
    where t.token_hash = $1 and t.revoked_at is null
  `,
)

export function createAccessTokens({ pool }: { readonly pool: Pool }) {
  return {
    /** The owner of a token that was issued and not revoked, or null. One hash and one look-up whatever the token. */
    async findOwner(token: string): Promise<TokenOwner | null> {
      const row = (
        await pool.query<{ user: Parameters<typeof toUserRow>[0] | null; bot: AgentBotRow | null }>(
          ownerOf([hashToken(token)]),
        )
      ).rows[0]
      if (row?.user) return { user: toUserRow(row.user), bot: null }
      return row?.bot ? { user: null, bot: toBot(row.bot) } : null
    },

    /** The live ones of a person, oldest first; `current` is the one that was presented. */
    async listTokens(userId: number, presented: string): Promise<(AccessTokenRow & { readonly current: boolean })[]> {
      const { rows } = await pool.query<AccessTokenRow & { readonly current: boolean }>(
        `
          select id, name, created_at as "createdAt", token_hash = $2 as current
          from access_tokens
          where user_id = $1 and revoked_at is null
          order by id
        `,
        [userId, hashToken(presented)],
      )
      return rows
    },

    /** True if a person could sign in. */
    hasToken: async (userId: number): Promise<boolean> =>
      (await queryOne(pool, 'select 1 from access_tokens where user_id = $1 and revoked_at is null limit 1', [
        userId,
      ])) !== null,

    createToken: (owner: OwnerId, name: string | null) => issueToken(pool, owner, name),

    /** False: the user has no live token with this id. */
    async revokeToken(userId: number, id: number): Promise<boolean> {
      const { rowCount } = await pool.query(
        'update access_tokens set revoked_at = now() where id = $1 and user_id = $2 and revoked_at is null',
        [id, userId],
      )
      return (rowCount ?? 0) > 0
    },

    /** A new token; all that there were are revoked. */
    async resetTokens(owner: OwnerId): Promise<string> {
      const [column, id] =
        'userId' in owner ? (['user_id', owner.userId] as const) : (['agent_bot_id', owner.agentBotId] as const)
      return inTransaction(pool, async (tx) => {
        await tx.query(`update access_tokens set revoked_at = now() where ${column} = $1 and revoked_at is null`, [id])
        return (await issueToken(tx, owner, null)).token
      })
    },
  }
}
