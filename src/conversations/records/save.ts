// Writes a validated record: nothing is written if there are problems, and a duplicate that the database finds is a
// problem like any other.

import { type Problem, type Saved, taken } from './problem.ts'
import type { Json } from './rows.ts'
import { isUniqueViolation } from './unique.ts'

/** The problem to report when the database finds a duplicate: the field that is taken. */
interface Checked {
  readonly problems: readonly Problem[]
  readonly unique: string
}

/** Writes unless there are problems; a broken unique constraint is one of `unique`. */
export async function saveRecord<T>({ problems, unique }: Checked, write: () => Promise<T>): Promise<Saved<T>> {
  if (problems.length > 0) return { problems }
  try {
    return { saved: await write() }
  } catch (error) {
    if (isUniqueViolation(error)) return { problems: [taken(unique)] }
    throw error
  }
}

/** A rule: the field, its message, and when it applies. */
export type Rule<Fields> = readonly [attribute: string, message: string, isWrong: (fields: Fields) => boolean]

/** The first thing that is wrong with each field. */
export function findProblems<Fields>(rules: readonly Rule<Fields>[], fields: Fields): Problem[] {
  const wrong = rules.filter(([, , isWrong]) => isWrong(fields)).map(([attribute, message]) => ({ attribute, message }))
  return wrong.filter(({ attribute }, index) => wrong.findIndex((other) => other.attribute === attribute) === index)
}

/** Most that the attributes of one record may be, as characters of JSON. */
export const maxAttributes = 65_536

/** True if the attributes of one record exceed the limit. Never throws. */
export function isTooMuch(attributes: Json | undefined): boolean {
  return attributes !== undefined && JSON.stringify(attributes).length > maxAttributes
}

/** A problem for each attribute that exceeds the limit. Never throws. */
export function findTooMuch({
  additionalAttributes,
  customAttributes,
}: {
  readonly additionalAttributes?: Json | undefined
  readonly customAttributes?: Json | undefined
}): Problem[] {
  const message = `is too long (maximum is ${String(maxAttributes)} characters of JSON)`
  return [
    ...(isTooMuch(additionalAttributes) ? ['additional_attributes'] : []),
    ...(isTooMuch(customAttributes) ? ['custom_attributes'] : []),
  ].map((attribute) => ({ attribute, message }))
}

/** The values that were given. */
export function defined<T extends object>(values: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>
  }
}

/** Given, and blank. */
export function isBlank(text: string | null | undefined): boolean {
  return text === null || text?.trim() === ''
}

/** Text of a line: no control characters, at most 255 long. */
export function isLine(text: string | null | undefined): boolean {
  return text === null || text === undefined || (text.length <= 255 && !/\p{Cc}/u.test(text))
}

/** An address on the web: http or https, with a host, no blanks. Never throws. */
export function isWebUrl(text: string): boolean {
  if (text.length > 2_000 || /[\s\p{Cc}<>"]/u.test(text)) return false
  const url = URL.canParse(text) ? new URL(text) : null
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== ''
}
