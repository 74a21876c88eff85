// Signing in, over the API: by password, by link, with a code of the second factor. A session is a cookie, which no
// script here ever sees.

import { api, ask, type Schemas } from '../api/client'
import { beginPerson } from '../api/own-storage'
import { queries } from '../api/queries'
import { type Profile, profileQuery } from '../api/session'

/** The next step before a user is signed in: null, or the token of the factors that were verified so far. */
export type Outcome = { readonly isIn: true } | { readonly isIn: false; readonly token: string | null }

type Answer = { readonly data: Profile } | Schemas['SecondFactorAsked']

export interface Code {
  readonly otp_code?: string
  readonly backup_code?: string
}

export async function enterByPassword(email: string, password: string): Promise<Outcome> {
  return outcomeOf(await ask<Answer>(api.POST('/auth/sign_in', { body: { email, password } })))
}

/** Goes on after the password, with a code. */
export async function enterByCode(token: string, code: Code): Promise<Outcome> {
  return outcomeOf(await ask<Answer>(api.POST('/auth/sign_in', { body: { mfa_token: token, ...code } })))
}

export async function enterByLink(code: string, second: Code): Promise<Outcome> {
  return outcomeOf(await ask<Answer>(api.POST('/auth/login_links', { body: { code, ...second } })))
}

export async function askForLink(email: string): Promise<void> {
  await ask(api.POST('/auth/login_link', { body: { email } }))
}

function outcomeOf(answer: Answer): Outcome {
  if (!('data' in answer)) return { isIn: false, token: answer.mfa_token }
  // Nothing of who was here before stays.
  beginPerson(answer.data.id)
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== profileQuery.queryKey[0] })
  queries.setQueryData(profileQuery.queryKey, answer.data)
  return { isIn: true }
}
