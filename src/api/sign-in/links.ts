// /auth/login_link(s): a link by mail, the user that a link signs in, and signing in with it. Opening a link changes
// nothing, as mail scanners open links, too.

import { z } from 'zod'

import { isEmailAddress } from '../../mail/address.ts'
import { refuseOtherSites } from '../access/same-site.ts'
import { ApiFault } from '../input/fault.ts'
import { filledText } from '../input/fields.ts'
import { strangerOf, within } from '../input/limits.ts'
import { maybeText, named, text } from '../present/kinds.ts'
import { forSignIn, type Route } from '../request/route.ts'
import { askForCode, codeFields, mfaShape, passes } from './second-factor.ts'
import { deviceOf, signedIn, signedInShape, type SignInDeps } from './signed-in.ts'

export const tag = 'Signing in'
export const sentShape = z.object({ message: text })
const linkShape = named(
  'LoginLink',
  z.object({ email: text, name: text, account_name: maybeText, mfa_required: z.boolean() }),
)
const noAddress = { message: 'Email is invalid', attributes: ['email'] }

export function linkRoutes(deps: SignInDeps): Route[] {
  const { ledger, limits, publicUrl } = deps
  return [
    forSignIn(
      'GET /login_links/:code',
      { tag, summary: 'Show whom a login link signs in; the link stays valid', answer: linkShape },
      async ({ http, params }) => {
        await within(limits.stranger, strangerOf(http, limits))
        const owner = await ledger.loginLinks.askLoginLink(params['code'] ?? '')
        if (owner === null) throw linkGone()
        const { enabled } = await ledger.secondFactors.readSecondFactor(owner.userId)
        const { email, name, accountName } = owner
        return (response) => {
          response
            .set('cache-control', 'no-store')
            .json({ email, name, account_name: accountName, mfa_required: enabled })
        }
      },
    ),
    forSignIn(
      'POST /login_links',
      {
        tag,
        summary: 'Sign in with the code of a login link; an invitation is accepted',
        takes: { code: filledText, ...codeFields },
        answer: signedInShape,
        partial: mfaShape,
      },
      async ({ http, given }) => {
        refuseOtherSites(http, publicUrl)
        await within(limits.signInFrom, strangerOf(http, limits))
        const { code = '' } = given
        const owner = await ledger.loginLinks.askLoginLink(code)
        if (owner === null) throw linkGone()
        if (!(await passes(deps, owner.userId, given))) return askForCode(null)
        const session = await ledger.loginLinks.signInByLink(code, deviceOf(http, deps))
        if (session === null) throw linkGone()
        return signedIn(deps, http, session)
      },
    ),
    forSignIn(
      'POST /login_link',
      {
        tag,
        summary: 'Mail a login link to a user; answers the same for an unknown address',
        takes: { email: filledText },
        answer: sentShape,
      },
      ({ http, given: { email } }) => mailLink(deps, http, email),
    ),
  ]
}

/** Mails a link to the owner of the address, if there is one. Throws 422 for an invalid address. */
export async function mailLink(
  { ledger, limits, publicUrl }: SignInDeps,
  http: Parameters<typeof deviceOf>[0],
  email: string | undefined,
): Promise<z.output<typeof sentShape>> {
  refuseOtherSites(http, publicUrl)
  if (email === undefined || !isEmailAddress(email)) throw new ApiFault('malformed', noAddress)
  await within(limits.linkMail, `from ${strangerOf(http, limits)}`)
  await within(limits.linkMail, `to ${email.trim().toLowerCase()}`)
  await ledger.loginLinks.mailLoginLink(email)
  return { message: 'If this address belongs to a user, a link to sign in is on its way to it.' }
}

const linkGone = (): ApiFault =>
  new ApiFault('not-found', {
    error: 'This link is not valid any more: it was used, or is too old. Ask for another one.',
  })
