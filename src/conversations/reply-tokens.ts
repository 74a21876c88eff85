// Reply tokens: 128 bits in lower-case hex, one per conversation × participant × role. The database keeps a random
// nonce and a keyed hash; without the installation's key neither yields the token, so that a dump of the database
// opens no conversation.

import { createHmac, randomBytes } from 'node:crypto'

import type { TokenRole } from '../contracts/token-role.ts'
import { inTransaction, type Pool, queryOne, type Tx } from '../db/pool.ts'
import { MailError } from '../errors.ts'

export interface TokenTarget {
  readonly accountId: number
  readonly conversationId: number
  readonly role: TokenRole
  readonly contactId: number | null
  readonly userId: number | null
  readonly messageId: number | null
  /** Role contact: the address that the reply address is mailed to. */
  readonly email?: string | null
}

/** The stored form of a token: a keyed hash. Never throws. */
export function hashToken(secretKey: Buffer, token: string): Buffer {
  return createHmac('sha256', secretKey).update(`reply-token-hash\0${token}`).digest()
}

/** The token of a stored nonce: 32 lower-case hex digits. Never throws. */
export function tokenOf(secretKey: Buffer, nonce: Buffer): string {
  return createHmac('sha256', secretKey).update('reply-token\0').update(nonce).digest('hex').slice(0, 32)
}

export interface TokenOptions {
  readonly pool: Pool
  readonly secretKey: Buffer
  /** REPLY_TOKEN_EXPIRES_DAYS. */
  readonly expiresDays: number
}

export interface IssuedToken {
  readonly token: string
  readonly expiresAt: Date
}

/**
 * Finds the live token of a target, or makes it. Each use extends its expiry, so that an active conversation keeps its
 * address.
 */
export function createTokenIssuer(options: TokenOptions): (target: TokenTarget) => Promise<string> {
  return async (target) => (await issueReplyToken(options, target)).token
}

/** As the issuer does; the token is valid for at least `expiresDays` from now. */
export function issueReplyToken(options: TokenOptions, target: TokenTarget): Promise<IssuedToken> {
  const { secretKey, expiresDays } = options
  return inTransaction(options.pool, async (tx) => {
    const known =
      (await useToken(tx, target, expiresDays)) ??
      (await makeToken(tx, target, options)) ??
      (await useToken(tx, target, expiresDays))
    if (known === null) throw new MailError('unavailable', 'a reply token was made and revoked at the same moment')
    return { token: tokenOf(secretKey, known.nonce), expiresAt: known.expiresAt }
  })
}

interface StoredToken {
  readonly nonce: Buffer
  readonly expiresAt: Date
}

const sameTarget =
  'conversation_id = $1 and role = $2::token_role and contact_id is not distinct from $3 and user_id is ' +
  'not distinct from $4 and message_id is not distinct from $5 and revoked_at is null'

// An expired address stays a hint only: its target gets a new one.
async function useToken(tx: Tx, target: TokenTarget, expiresDays: number): Promise<StoredToken | null> {
  const values = [target.conversationId, target.role, target.contactId, target.userId, target.messageId]
  await tx.query(`update reply_tokens set revoked_at = now() where ${sameTarget} and expires_at < now()`, values)
  return queryOne<StoredToken>(
    tx,
    `update reply_tokens set
       expires_at = greatest(expires_at, now() + $6 * interval '1 day'),
       email = coalesce($7, email)
     where ${sameTarget}
     returning nonce, expires_at as "expiresAt"`,
    [...values, expiresDays, target.email ?? null],
  )
}

async function makeToken(
  tx: Tx,
  target: TokenTarget,
  options: { secretKey: Buffer; expiresDays: number },
): Promise<StoredToken | null> {
  const nonce = randomBytes(32)
  return queryOne<StoredToken>(
    tx,
    `insert into reply_tokens (account_id, conversation_id, role, contact_id, user_id, message_id, nonce, token_hash,
       expires_at, email)
     values ($1, $2, $3::token_role, $4, $5, $6, $7, $8, now() + $9 * interval '1 day', $10)
     on conflict do nothing
     returning nonce, expires_at as "expiresAt"`,
    [
      target.accountId,
      target.conversationId,
      target.role,
      target.contactId,
      target.userId,
      target.messageId,
      nonce,
      hashToken(options.secretKey, tokenOf(options.secretKey, nonce)),
      options.expiresDays,
      target.email ?? null,
    ],
  )
}
