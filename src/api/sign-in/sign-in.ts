// /auth: sign-in with a password, and sign-out, as Chatwoot's clients do. Faults have the shapes of devise_token_auth;
// 403 for requests from pages of other sites, so that no page can sign a user in as another user.

import type express from 'express'
import { z } from 'zod'

import { findPasswordProblems } from '../../conversations/sign-in/password-rules.ts'
import { hashPassword } from '../../conversations/sign-in/scrypt.ts'
import { clearCookie } from '../access/cookie.ts'
import { refuseOtherSites } from '../access/same-site.ts'
import { ApiFault, saved } from '../input/fault.ts'
import { filledText, text as textField } from '../input/fields.ts'
import { strangerOf, within } from '../input/limits.ts'
import { profileShape } from '../present/profile.ts'
import { forSignIn, type Route, type Send } from '../request/route.ts'
import { linkRoutes, mailLink, sentShape, tag } from './links.ts'
import { askForCode, codeFields, type Codes, mfaShape, passes } from './second-factor.ts'
import { answerPerson, deviceOf, signedIn, signedInShape, type SignInDeps } from './signed-in.ts'

const resetFields = { reset_password_token: filledText, password: textField, password_confirmation: textField }

export function signInRoutes(deps: SignInDeps): Route[] {
  return [
    ...linkRoutes(deps),
    ...passwordRoutes(deps),
    forSignIn(
      'GET /validate_token',
      {
        tag,
        summary: 'Check a session or token, and get its user',
        answer: z.object({ payload: z.object({ success: z.boolean(), data: profileShape }) }),
      },
      async ({ http }) => {
        const caller = await deps.gate.identify(http).catch((fault: unknown) => {
          throw isUnauthenticated(fault) ? failed('unauthenticated', 'Invalid login credentials') : fault
        })
        return answerPerson(deps, caller)
      },
    ),
    forSignIn(
      'DELETE /sign_out',
      { tag, summary: 'End the session', answer: z.object({ success: z.boolean() }) },
      async ({ http }) => {
        const { session, user } = await deps.gate.identify(http).catch((fault: unknown) => {
          throw isUnauthenticated(fault) ? failed('not-found', 'User was not found or was not logged in.') : fault
        })
        if (session !== null) await deps.ledger.sessions.revokeSession(user.id, session.id)
        return (response) => {
          clearCookie(response, deps.publicUrl)
          response.json({ success: session !== null })
        }
      },
    ),
  ]
}

function passwordRoutes(deps: SignInDeps): Route[] {
  return [
    forSignIn(
      'POST /sign_in',
      {
        tag,
        summary: 'Sign in with a password; 206 where a code is asked for, to be sent with `mfa_token`',
        takes: { email: filledText, password: textField, mfa_token: filledText, ...codeFields },
        answer: signedInShape,
        partial: mfaShape,
      },
      async ({ http, given }) => {
        refuseOtherSites(http, deps.publicUrl)
        await within(deps.limits.signInFrom, strangerOf(http, deps.limits))
        if (given.mfa_token !== undefined) return goOn(deps, http, { ...given, token: given.mfa_token })
        return begin(deps, http, given)
      },
    ),
    forSignIn(
      'POST /password',
      {
        tag,
        summary: 'Mail a login link, with which a new password can be set; the same answer for an unknown address',
        takes: { email: filledText },
        answer: sentShape,
      },
      ({ http, given: { email } }) => mailLink(deps, http, email),
    ),
    forSignIn(
      'UPDATE /password',
      {
        tag,
        summary: 'Set a new password and sign in; `reset_password_token` is the code of a login link',
        takes: { ...resetFields, ...codeFields },
        answer: signedInShape,
        partial: mfaShape,
      },
      ({ http, given }) => reset(deps, http, { ...given, code: given.reset_password_token ?? '' }),
    ),
  ]
}

async function begin(
  deps: SignInDeps,
  http: express.Request,
  given: Codes & { readonly email?: string | undefined; readonly password?: string | null | undefined },
): Promise<Send> {
  const { ledger, limits } = deps
  const { email, password } = given
  if (email === undefined || !password) throw wrongCredentials()
  await within(limits.signIn, email.trim().toLowerCase())
  const person = await ledger.passwords.findByPassword(email, password)
  if (person === null) throw wrongCredentials()
  if (!(await passes(deps, person.userId, given)))
    return askForCode(await ledger.pendingSignIns.createPendingSignIn(person.userId))
  return signedIn(deps, http, await ledger.sessions.beginSession(person.userId, deviceOf(http, deps)))
}

async function goOn(deps: SignInDeps, http: express.Request, given: Codes & { readonly token: string }): Promise<Send> {
  const { pendingSignIns } = deps.ledger
  const person = await pendingSignIns.findPendingSignIn(given.token)
  if (person === null) throw tooLate()
  if (!(await passes(deps, person.userId, given))) return askForCode(given.token)
  const session = await pendingSignIns.finishPendingSignIn(given.token, deviceOf(http, deps))
  if (session === null) throw tooLate()
  return signedIn(deps, http, session)
}

interface Reset extends Codes {
  readonly code: string
  readonly password?: string | null | undefined
  readonly password_confirmation?: string | null | undefined
}

async function reset(deps: SignInDeps, http: express.Request, given: Reset): Promise<Send> {
  const { ledger, limits, publicUrl } = deps
  refuseOtherSites(http, publicUrl)
  await within(limits.signInFrom, strangerOf(http, limits))
  const owner = await ledger.loginLinks.askLoginLink(given.code)
  if (owner === null) throw invalidReset()
  const password = given.password ?? ''
  const problems = findPasswordProblems(password, owner.email)
  if ((given.password_confirmation ?? password) !== password) problems.push(differs)
  if (problems.length > 0) saved({ problems })
  if (!(await passes(deps, owner.userId, given))) return askForCode(null)
  const session = await ledger.loginLinks.resetByLink(given.code, await hashPassword(password), deviceOf(http, deps))
  if (session === null) throw invalidReset()
  return signedIn(deps, http, session)
}

export const differs = { attribute: 'password_confirmation', message: "doesn't match the password" }

// As devise_token_auth says it.
function failed(kind: 'unauthenticated' | 'not-found', sentence: string): ApiFault {
  return new ApiFault(kind, { success: false, errors: [sentence] })
}

const wrongCredentials = (): ApiFault => failed('unauthenticated', 'Invalid login credentials. Please try again.')
const tooLate = (): ApiFault => failed('unauthenticated', 'This sign-in took too long. Begin again with the password.')
const invalidReset = (): ApiFault => new ApiFault('malformed', { message: 'Invalid token', redirect_url: '/' })

function isUnauthenticated(fault: unknown): boolean {
  return fault instanceof ApiFault && fault.kind === 'unauthenticated'
}
