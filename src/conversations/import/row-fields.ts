// The contact fields of one CSV row.

import type { Json } from '../records/rows.ts'

/** By which a row names its contact, in the order in which they are looked up. */
export const keys = ['identifier', 'email', 'phoneNumber'] as const
export type Key = (typeof keys)[number]
export type Further = Readonly<Record<Key, readonly string[]>>

export interface ContactRowFields extends Readonly<Record<Key, string | null>> {
  /** The contact's number in the account that wrote the file; null if the file is not an export. */
  readonly id: number | null
  readonly name: string | null
  /** Addresses, numbers and identifiers beside the main ones, to be added to those that are there. */
  readonly further: Further
  /** To be added to those that are there. */
  readonly labels: readonly string[]
  readonly additionalAttributes: Json
  readonly customAttributes: Json
}
