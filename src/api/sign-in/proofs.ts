// /profile/password and /profile/two_factor: further ways to sign in besides a link. Rethread's own; the shapes are in
// Chatwoot's style.

import { z } from 'zod'

import type { Ledger } from '../../ledger.ts'
import { found, saved } from '../input/fault.ts'
import { filledText, idOf, text as textField } from '../input/fields.ts'
import { type Limits, within } from '../input/limits.ts'
import { listOf, named, text } from '../present/kinds.ts'
import { forCaller, forInstallation, type Route } from '../request/route.ts'
import { differs } from './sign-in.ts'

interface Deps {
  readonly ledger: Pick<Ledger, 'passwords' | 'secondFactors' | 'installation'>
  readonly limits: Limits
}

const spec = { tag: 'Profile' } as const
const path = '/profile/two_factor'
const stateShape = named(
  'SecondFactor',
  z.object({ enabled: z.boolean(), recovery_codes_left: z.int(), password_set: z.boolean() }),
)
const wrongCode = { problems: [{ attribute: 'otp_code', message: 'is wrong, was used, or is too old' }] }
const isOn = { problems: [{ attribute: 'two_factor', message: 'is on already' }] }
const notProven = { problems: [{ attribute: 'otp_code', message: 'or password must be given, and right' }] }

export function proofRoutes({ ledger, limits }: Deps): Route[] {
  const { passwords, secondFactors } = ledger
  return [
    forCaller(
      'UPDATE /profile/password',
      {
        ...spec,
        summary: 'Set a password; other sessions end. The old one is not asked for within an hour of a login link',
        takes: { current_password: textField, password: textField, password_confirmation: textField },
      },
      async ({ caller: { user, session }, given }) => {
        await within(limits.signIn, user.email)
        const password = given.password ?? ''
        if ((given.password_confirmation ?? password) !== password) saved({ problems: [differs] })
        const currentPassword = given.current_password ?? null
        saved(await passwords.changePassword(user, { password, currentPassword, sessionId: session?.id ?? null }))
        return undefined
      },
    ),
    forCaller(
      `GET ${path}`,
      { ...spec, summary: 'Show whether there is a second factor, and a password', answer: stateShape },
      async ({ caller: { user } }) => {
        const { enabled, recoveryCodesLeft } = await secondFactors.readSecondFactor(user.id)
        return {
          enabled,
          recovery_codes_left: recoveryCodesLeft,
          password_set: await passwords.hasPassword(user.id),
        }
      },
    ),
    forCaller(
      `POST ${path}`,
      {
        ...spec,
        summary: 'Begin a second factor: a secret for an authenticator app, which counts once a code of it is given',
        answer: named('NewSecondFactor', z.object({ secret: text, otpauth_url: text })),
      },
      async ({ caller: { user } }) => {
        const made = await secondFactors.beginSecondFactor(user)
        const { secret, url } = saved(made === null ? isOn : { saved: made })
        return { secret, otpauth_url: url }
      },
    ),
    forCaller(
      `POST ${path}/confirm`,
      {
        ...spec,
        summary: 'Switch the second factor on with a code of it; the recovery codes are shown once',
        takes: { otp_code: filledText },
        answer: named('RecoveryCodes', z.object({ recovery_codes: listOf(text) })),
      },
      async ({ caller: { user }, given }) => {
        await within(limits.secondFactor, String(user.id))
        const codes = await secondFactors.confirmSecondFactor(user.id, (given.otp_code ?? '').replace(/\s/g, ''))
        return { recovery_codes: saved(codes === null ? wrongCode : { saved: codes }) }
      },
    ),
    forCaller(
      `DELETE ${path}`,
      {
        ...spec,
        summary: 'Switch the second factor off, with a code of it, a recovery code or the password',
        takes: { otp_code: filledText, backup_code: filledText, password: textField },
      },
      async ({ caller: { user }, given }) => {
        await within(limits.secondFactor, String(user.id))
        const code = given.otp_code ?? given.backup_code
        const isProven =
          code === undefined
            ? Boolean(given.password) && (await passwords.isPasswordOf(user.id, given.password ?? ''))
            : await secondFactors.takeCode(user.id, code)
        if (!isProven) saved(notProven)
        await secondFactors.removeSecondFactor(user.id)
        return undefined
      },
    ),
    forInstallation(
      'DELETE /installation/users/:id/two_factor',
      { tag: 'Installation', summary: 'Switch off the second factor of a user who has lost it' },
      async ({ params }) => {
        const user = found(await ledger.installation.findUser(idOf(params['id'])))
        await secondFactors.removeSecondFactor(user.id)
        return undefined
      },
    ),
  ]
}
