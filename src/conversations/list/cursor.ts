// A client's position in a list of conversations: the order, the last row's keys, and the time of its first page.
// Clients pass it back unchanged; a changed cursor can only move within the visible rows.

import { priorities } from '../records/rows.ts'
import { keysOf, type SortKey } from './orders.ts'

export interface ListCursor {
  /** The `sort_by` of the first page; null = the usual order. */
  readonly sort: string | null
  /** When the first page was read, as PostgreSQL writes it. */
  readonly asOf: string
  /** The last row's keys in the order, as PostgreSQL writes them; null = no value. */
  readonly keys: readonly (string | null)[]
}

/** As text for a URL. */
export function encodeCursor({ sort, asOf, keys }: ListCursor): string {
  return Buffer.from(JSON.stringify([sort, asOf, ...keys]), 'utf8').toString('base64url')
}

/** The cursor, or null for text that is none. Never throws. */
export function decodeCursor(text: string): ListCursor | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    if (!Array.isArray(value) || !value.every((one) => one === null || typeof one === 'string')) return null
    const [sort = null, asOf = null, ...keys] = value as (string | null)[]
    const order = keysOf(sort)
    const fits = keys.length === order.length && order.every((one, at) => isKey(one, keys[at] ?? null))
    return asOf === null || !isTime(asOf) || !fits ? null : { sort, asOf, keys }
  } catch {
    return null
  }
}

// In PostgreSQL's own format: a value that it would refuse is not a cursor.
const forms: Readonly<Record<SortKey['type'], (text: string) => boolean>> = {
  timestamptz: isTime,
  int: (text) => /^\d{1,10}$/.test(text) && Number(text) <= 2_147_483_647,
  boolean: (text) => text === 'true' || text === 'false',
  priority: (text) => priorities.some((name) => name === text),
}

function isKey({ type, nullable }: SortKey, text: string | null): boolean {
  return text === null ? nullable : forms[type](text)
}

function isTime(text: string): boolean {
  const time = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?)[+-]\d\d(?::\d\d){0,2}$/.exec(text)
  return time !== null && !Number.isNaN(Date.parse(`${time[1] ?? ''}T${(time[2] ?? '').slice(0, 8)}Z`))
}
