// The second factor of a sign-in: requested with 206, as Chatwoot does, after the first factor was right; a wrong code
// answers 401.

import type express from 'express'
import { z } from 'zod'

import { ApiFault } from '../input/fault.ts'
import { filledText } from '../input/fields.ts'
import { within } from '../input/limits.ts'
import { maybeText, named } from '../present/kinds.ts'
import type { Send } from '../request/route.ts'
import type { SignInDeps } from './signed-in.ts'

/** A second factor: a code of the app, or one of the recovery codes (Chatwoot's term). */
export const codeFields = { otp_code: filledText, backup_code: filledText }

export interface Codes {
  readonly otp_code?: string | undefined
  readonly backup_code?: string | undefined
}

export const mfaShape = named('SecondFactorAsked', z.object({ mfa_required: z.boolean(), mfa_token: maybeText }))

/** True if the sign-in may continue; false = a code is still needed. Throws 401 for a wrong code, 429 after many. */
export async function passes(
  { ledger, limits }: Pick<SignInDeps, 'ledger' | 'limits'>,
  userId: number,
  { otp_code, backup_code }: Codes,
): Promise<boolean> {
  if (!(await ledger.secondFactors.readSecondFactor(userId)).enabled) return true
  const code = otp_code ?? backup_code
  if (code === undefined) return false
  await within(limits.secondFactor, String(userId))
  if (await ledger.secondFactors.takeCode(userId, code)) return true
  throw wrongCode()
}

/** The answer that asks for a code; `token` stands for the first factor, which need not be sent again. */
export function askForCode(token: string | null): Send {
  return (response: express.Response) => {
    response.status(206).set('cache-control', 'no-store').json({ mfa_required: true, mfa_token: token })
  }
}

const wrongCode = (): ApiFault =>
  new ApiFault('unauthenticated', {
    success: false,
    error: 'This code is wrong, was used, or is too old.',
    errors: ['This code is wrong, was used, or is too old.'],
  })
