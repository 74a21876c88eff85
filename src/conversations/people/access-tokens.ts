// Whose token is this? Only the SHA-256 of a token is kept, so that a copy of the database opens nothing.

import { createHash } from 'node:crypto'

import type { Db } from '../../db/client.ts'
import { toJson } from '../row-mapping.ts'
import type { Json } from '../rows.ts'

/** A person who may sign in, apart from any account. */
export interface UserRow {
  readonly id: number
  readonly name: string
  readonly displayName: string | null
  readonly email: string
  /** Administrator of the whole installation. */
  readonly installationAdministrator: boolean
  readonly messageSignature: string | null
  readonly pubsubToken: string
  readonly uiSettings: Json
  readonly customAttributes: Json
}

export type AccessTokens = ReturnType<typeof createAccessTokens>

/** The form in which a token is kept. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest()
}

export function createAccessTokens(db: Db) {
  return {
    /** The owner of a token that was issued and not revoked, or null. One hash and one look-up whatever the token. */
    async findOwner(token: string): Promise<UserRow | null> {
      const row = await db.accessToken.findFirst({ where: { tokenHash: new Uint8Array(hashToken(token)), revokedAt: null }, include: { user: true } })
      if (row === null) return null
      const { user } = row
      return { ...user, installationAdministrator: user.type === 'SuperAdmin', uiSettings: toJson(user.uiSettings), customAttributes: toJson(user.customAttributes) }
    },
  }
}
