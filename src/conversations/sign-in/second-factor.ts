// The second factor: a code of an authenticator app, or one of ten recovery codes. A code of the app is taken once,
// also when it comes twice at the same moment; so is a recovery code.

import { randomBytes } from 'node:crypto'

import { inTransaction, type Pool, queryOne, type Sql } from '../../db/pool.ts'
import { hashToken } from '../people/access-tokens.ts'
import { seal, unseal } from './seal.ts'
import { base32, findStep, otpauthUrl } from './totp.ts'

export interface SecondFactor {
  readonly enabled: boolean
  readonly recoveryCodesLeft: number
}

interface Deps {
  readonly pool: Pool
  /** The installation's. */
  readonly secretKey: Buffer
}

const recoveryCodes = 10

export function createSecondFactors(deps: Deps) {
  const { pool, secretKey } = deps
  return {
    async readSecondFactor(userId: number): Promise<SecondFactor> {
      const row = await queryOne<SecondFactor & Record<string, unknown>>(
        pool,
        `select
           exists (select 1 from user_credentials where user_id = $1 and otp_enabled_at is not null) as enabled,
           (select count(*)::int from recovery_codes where user_id = $1) as "recoveryCodesLeft"`,
        [userId],
      )
      return row ?? { enabled: false, recoveryCodesLeft: 0 }
    },

    /** A new secret, which counts when a code of it was given. Null: there is a second factor already. */
    async beginSecondFactor(user: { readonly id: number; readonly email: string }) {
      const secret = randomBytes(20)
      const { rowCount } = await pool.query(
        `insert into user_credentials as kept (user_id, otp_secret) values ($1, $2)
         on conflict (user_id) do update set otp_secret = $2, otp_last_step = null
         where kept.otp_enabled_at is null`,
        [user.id, seal(secretKey, ownerOf(user.id), secret)],
      )
      return rowCount === 0 ? null : { secret: base32(secret), url: otpauthUrl(secret, user.email) }
    },

    /** Switches it on and returns the recovery codes, this once. Null: the code is wrong, or it is on already. */
    confirmSecondFactor: (userId: number, code: string, ms = Date.now()): Promise<string[] | null> =>
      inTransaction(pool, async (tx) => {
        const step = await stepOf(tx, deps, { userId, code, ms })
        if (step === null) return null
        const { rowCount } = await tx.query(
          `update user_credentials set otp_enabled_at = now(), otp_last_step = $2
           where user_id = $1 and otp_enabled_at is null`,
          [userId, step],
        )
        if (rowCount === 0) return null
        const codes = Array.from({ length: recoveryCodes }, makeCode)
        await tx.query('delete from recovery_codes where user_id = $1', [userId])
        await tx.query('insert into recovery_codes (user_id, code_hash) select $1, unnest($2::bytea[])', [
          userId,
          codes.map((one) => hashToken(plain(one))),
        ])
        return codes
      }),

    /** True if it is an unused code of the user; it is used up then. */
    async takeCode(userId: number, code: string, ms = Date.now()): Promise<boolean> {
      const step = await stepOf(pool, deps, { userId, code: code.replace(/\s/g, ''), ms })
      if (step !== null) {
        const { rowCount } = await pool.query(
          `update user_credentials set otp_last_step = $2
           where user_id = $1 and otp_enabled_at is not null and (otp_last_step is null or otp_last_step < $2)`,
          [userId, step],
        )
        return rowCount === 1
      }
      const { rowCount } = await pool.query('delete from recovery_codes where user_id = $1 and code_hash = $2', [
        userId,
        hashToken(plain(code)),
      ])
      return rowCount === 1
    },

    removeSecondFactor: (userId: number): Promise<void> =>
      inTransaction(pool, async (tx) => {
        await tx.query(
          `update user_credentials set otp_secret = null, otp_enabled_at = null, otp_last_step = null
           where user_id = $1`,
          [userId],
        )
        await tx.query('delete from recovery_codes where user_id = $1', [userId])
      }),
  }
}

interface Attempt {
  readonly userId: number
  readonly code: string
  readonly ms: number
}

async function stepOf(sql: Sql, { secretKey }: Deps, { userId, code, ms }: Attempt): Promise<number | null> {
  const row = await queryOne<{ sealed: Buffer }>(
    sql,
    'select otp_secret as sealed from user_credentials where user_id = $1 and otp_secret is not null',
    [userId],
  )
  return row === null ? null : findStep(unseal(secretKey, ownerOf(userId), row.sealed), code, ms)
}

const ownerOf = (userId: number): string => `user ${String(userId)}`

// 80 random bits, in groups that can be read aloud.
function makeCode(): string {
  return (base32(randomBytes(10)).toLowerCase().match(/.{4}/g) ?? []).join('-')
}

function plain(code: string): string {
  return code.toLowerCase().replace(/[^a-z2-7]/g, '')
}
