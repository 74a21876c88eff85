// Fields of a request as values: any scalar may come as text, blank means absent, a record's fields may lie under its
// name (`{"label":{…}}`), lists may be bare (`labels=a`), indexed (`labels[0]=a`) or JSON.

import { z } from 'zod'

import { findExcess } from '../../http-client/json-bounds.ts'
import { clean } from './clean.ts'
import { unprocessable } from './fault.ts'
import { isParameters, type Parameters } from './parameters.ts'

const maxInt = 2_147_483_647

/** A path's or field's row id; 0, which no row has, for anything that cannot be one. Never throws. */
export function idOf(value: unknown): number {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : ''
  const id = /^\d{1,10}$/.test(text) ? Number(text) : 0
  return id <= maxInt ? id : 0
}

const isBlank = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
const present = (value: unknown): unknown => (isBlank(value) ? undefined : value)
const scalar = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)], 'must be text')

// Documentation of a field whose schema accepts more than its contract.
function openapi<Field extends z.ZodType>(field: Field, as: Readonly<Record<string, unknown>>): Field {
  return field.meta({ openapi: as })
}

/** Text; null and blank stay what they are, absent stays absent. */
export const text = openapi(scalar.nullable().optional(), { type: ['string', 'null'] })
/** Text, or absent when blank. */
export const filledText = openapi(z.preprocess(present, scalar.optional()).optional(), { type: 'string' })
/** A row id, absent when blank, 0 when it is invalid, so that nothing is found. */
export const recordId = openapi(
  z
    .preprocess(
      present,
      z.unknown().transform((value) => (value === undefined ? undefined : idOf(value))),
    )
    .optional(),
  { type: 'integer' },
)
/** As Rails casts: false, 0, f, off, no are false. */
export const flag = openapi(
  z
    .preprocess(
      present,
      z
        .union(
          [z.boolean(), z.string().transform(isTrue), z.number().transform((value) => value !== 0)],
          'must be true or false',
        )
        .optional(),
    )
    .optional(),
  { type: 'boolean' },
)
export const object = openapi(
  z.preprocess(parseJson, z.record(z.string(), z.unknown(), 'must be an object').optional()).optional(),
  { type: 'object', additionalProperties: true },
)
export const list = openapi(z.preprocess(toList, z.array(scalar, 'must be a list of texts').optional()).optional(), {
  type: 'array',
  items: { type: 'string' },
})
/** Row ids; an invalid one is 0. */
export const recordIds = openapi(
  z
    .preprocess(
      toList,
      z
        .array(z.unknown(), 'must be a list of ids')
        .transform((values) => values.map(idOf))
        .optional(),
    )
    .optional(),
  { type: 'array', items: { type: 'integer' } },
)
/** A list of objects, in forms perhaps as JSON text. */
export const objects = openapi(
  z
    .preprocess(
      (value) => toList(parseJson(value)),
      z.array(z.record(z.string(), z.unknown()), 'must be a list of objects').optional(),
    )
    .optional(),
  {
    type: 'array',
    items: { type: 'object', additionalProperties: true },
  },
)

/** Whatever was given. */
export const anyField = openapi(z.unknown().optional(), {})

/** A schema of `takes` that must be one of these names; absent when blank. */
export function choice<const Name extends string>(names: readonly [Name, ...Name[]]) {
  const known = z
    .string()
    .refine(
      (value): value is Name => (names as readonly string[]).includes(value),
      `must be one of: ${names.join(' ')}`,
    )
  return openapi(z.preprocess(present, known.optional()).optional() as unknown as z.ZodType<Name | undefined>, {
    type: 'string',
    enum: names,
  })
}

function isTrue(value: string): boolean {
  return !['false', '0', 'f', 'off', 'no'].includes(value.trim().toLowerCase())
}

function parseJson(value: unknown): unknown {
  if (isBlank(value)) return undefined
  if (typeof value !== 'string') return value
  return clean(parsedOf(value))
}

// A form brings JSON as text, which is bounded as a body of JSON is.
const maxInField = { maxDepth: 64, maxValues: 20_000 }

function parsedOf(text: string): unknown {
  const excess = findExcess(Buffer.from(text), maxInField)
  if (excess !== null) throw unprocessable(`The request ${excess === 'too many values' ? 'has' : 'is'} ${excess}`)
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function toList(value: unknown): unknown {
  if (value === undefined || value === null) return undefined
  if (isParameters(value)) return Object.values(value)
  if (Array.isArray(value)) return value.filter((element) => !isBlank(element))
  return isBlank(value) ? [] : [value]
}

/** The fields of a record, whether they lie flat or under its name. */
export function unwrap(fields: Parameters, name: string): Parameters {
  const inner = Object.hasOwn(fields, name) ? fields[name] : undefined
  return isParameters(inner) ? { ...fields, ...inner } : fields
}

/** The fields as `shape` wants them, all others dropped. Throws 422 naming the first that is wrong. */
export function parseFields<Shape extends z.ZodRawShape>(
  shape: Shape,
  fields: Parameters,
): z.output<z.ZodObject<Shape>> {
  const result = z.object(shape).safeParse(fields)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw unprocessable(`${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is invalid'}`.trim())
}
