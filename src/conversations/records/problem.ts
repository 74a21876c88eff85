// Problems of a record as values, which each interface words in its own way.

import { MailError } from '../../errors.ts'

/** A field that is wrong; `message` reads on from the field's name ("has already been taken"). */
export interface Problem {
  /** snake_case, as clients name it. */
  readonly attribute: string
  readonly message: string
}

export type Saved<T> = { readonly saved: T } | { readonly problems: readonly Problem[] }

export const taken = (attribute: string): Problem => ({ attribute, message: 'has already been taken' })

/** A refusal that the writer may read. */
export function refuse(sentence: string): MailError {
  return new MailError('malformed', sentence, { publicMessage: sentence })
}
