// The kinds of values that answers are made of, as schemas: the compiler checks presenters against them, tests check
// answers, and /api/openapi.json documents them for clients.

import { z } from 'zod'

export const id = z.int()
/** Whole epoch seconds; 0 = never. */
export const epoch = z.int()
/** ISO 8601. */
export const isoTime = z.custom<Date>().meta({ openapi: { type: 'string', format: 'date-time' } })
/** Free attributes. */
export const json = z
  .custom<Readonly<Record<string, unknown>>>()
  .meta({ openapi: { type: 'object', additionalProperties: true } })
/** Anything that JSON can say. */
export const anything = z.unknown()
export const text = z.string()
export const maybeText = z.string().nullable()

/** A list of this schema. */
export function listOf<Shape extends z.ZodType>(shape: Shape) {
  return z.array(shape).readonly()
}

/** A list under `payload`, as most of Chatwoot's lists are. */
export function payloadOf<Shape extends z.ZodType>(shape: Shape) {
  return z.object({ payload: listOf(shape) })
}

/** A shape under its name in /api/openapi.json. */
export function named<Shape extends z.ZodType>(name: string, shape: Shape): Shape {
  return shape.meta({ id: name })
}
