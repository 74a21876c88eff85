// Refusals of the API with the bodies that Chatwoot clients look for (kinds and their numbers are in src/errors.ts).
// Thrown anywhere under api/; error-handler.ts turns them into answers.

import type { Problem, Saved } from '../../conversations/records/problem.ts'
import { type ErrorKind, MailError } from '../../errors.ts'

/** A refusal whose JSON body is part of the contract. */
export class ApiFault extends MailError {
  readonly body: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>

  constructor(
    kind: ErrorKind,
    body: Readonly<Record<string, unknown>>,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(kind, JSON.stringify(body))
    this.name = 'ApiFault'
    this.body = body
    this.headers = headers
  }
}

export const signInFirst = (): ApiFault =>
  new ApiFault('unauthenticated', { errors: ['You need to sign in or sign up before continuing.'] })
export const invalidToken = (): ApiFault => new ApiFault('unauthenticated', { error: 'Invalid Access Token' })
export const notYourAccount = (): ApiFault =>
  new ApiFault('unauthenticated', { error: 'You are not authorized to access this account' })
export const accountSuspended = (): ApiFault => new ApiFault('unauthenticated', { error: 'Account is suspended' })
export const notAllowed = (): ApiFault =>
  new ApiFault('unauthenticated', { error: 'You are not authorized to do this action' })
export const invalidUserIds = (): ApiFault => new ApiFault('unauthenticated', { error: 'Invalid User IDs' })
export const notForBots = (): ApiFault =>
  new ApiFault('unauthenticated', { error: 'Access to this endpoint is not authorized for bots' })
export const botOfOtherAccount = (): ApiFault =>
  new ApiFault('unauthenticated', { error: 'Bot is not authorized to access this account' })
export const notFound = (): ApiFault => new ApiFault('not-found', { error: 'Resource could not be found' })
export const unprocessable = (error: string): ApiFault => new ApiFault('malformed', { error })

/** 422 with every problem in one sentence list, and the names of the fields. */
function invalidRecord(problems: readonly Problem[]): ApiFault {
  const message = problems.map((problem) => `${humanName(problem.attribute)} ${problem.message}`).join(', ')
  return new ApiFault('malformed', { message, attributes: problems.map((problem) => problem.attribute) })
}

function humanName(attribute: string): string {
  // As Rails says it: "User", not "User id".
  const words = attribute.replace(/_id$/, '').replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** The value, or 404. */
export function found<T>(value: T | null): T {
  if (value === null) throw notFound()
  return value
}

/** The saved record, or 422. */
export function saved<T>(result: Saved<T>): T {
  if ('problems' in result) throw invalidRecord(result.problems)
  return result.saved
}
