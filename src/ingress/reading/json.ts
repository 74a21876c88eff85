// Checks a provider's JSON value by value: a wrong shape is `malformed`, never an internal error.

import { MailError } from '../../errors.ts'
import { findExcess, type JsonBounds } from '../../http-client/json-bounds.ts'
import { usualJson } from './bounds.ts'

export type Json = Readonly<Record<string, unknown>>

/**
 * Any JSON value within the bounds, which are checked before it is parsed. Throws `MailError('malformed')` naming
 * what was read.
 */
export function parseJson(text: Buffer | string, what: string, bounds: JsonBounds = usualJson): unknown {
  const excess = findExcess(typeof text === 'string' ? Buffer.from(text) : text, bounds)
  if (excess !== null) throw shapeFault(`${what} is ${excess === 'too many values' ? 'of ' : ''}${excess}`)
  try {
    return JSON.parse(typeof text === 'string' ? text : text.toString('utf8')) as unknown
  } catch {
    throw shapeFault(`${what} is not valid JSON`)
  }
}

/** An object that is not an array. Throws `MailError('malformed')`. */
export function objectOf(value: unknown, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw shapeFault(`${what} is not an object`)
  return value as Json
}

/** Throws `MailError('malformed')`. */
export function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw shapeFault(`${what} is not a list`)
  return value as readonly unknown[]
}

/** Throws `MailError('malformed')`. */
export function textOf(value: unknown, what: string): string {
  if (typeof value !== 'string') throw shapeFault(`${what} is not text`)
  return value
}

/** Text, or null where it is missing or null. Throws `MailError('malformed')` for anything else. */
export function optionalText(value: unknown, what: string): string | null {
  return value === undefined || value === null ? null : textOf(value, what)
}

/** A list, empty where it is missing or null. Throws `MailError('malformed')` for anything else. */
export function optionalList(value: unknown, what: string): readonly unknown[] {
  return value === undefined || value === null ? [] : listOf(value, what)
}

/** An object, empty where it is missing or null. Throws `MailError('malformed')` for anything else. */
export function optionalObject(value: unknown, what: string): Json {
  return value === undefined || value === null ? {} : objectOf(value, what)
}

/** A number that a provider may write as text, or null. Never throws. */
export function looseNumber(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}

/** In lower case, or null when it is not text, or empty. Never throws. */
export function looseWord(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim().toLowerCase() : null
}

export function shapeFault(message: string): MailError {
  return new MailError('malformed', message, { publicMessage: `Malformed: ${message}` })
}
