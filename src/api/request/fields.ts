// Fields of a request as values: any scalar may come as text, blank means absent, a record's fields may lie under its name
// (`{"label":{…}}`), lists may be bare (`labels=a`), indexed (`labels[0]=a`) or JSON.

import { z } from 'zod'

import { unprocessable } from './fault.ts'
import { isParameters, type Parameters } from './parameters.ts'

const maxInt = 2_147_483_647

/** A path's or field's row id; 0, which no row has, for anything that cannot be one. Never throws. */
export function idOf(value: unknown): number {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : ''
  const id = /^\d{1,10}$/.test(text) ? Number(text) : 0
  return id <= maxInt ? id : 0
}

const isBlank = (value: unknown): boolean => value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
const present = (value: unknown): unknown => (isBlank(value) ? undefined : value)
const scalar = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)], 'must be text')

/** Text; null and blank stay what they are, absent stays absent. */
export const text = scalar.nullable().optional()
/** Text, or absent when blank. */
export const filledText = z.preprocess(present, scalar.optional())
/** A row id, absent when blank, 0 when it can be none: then nothing is found. */
export const recordId = z.preprocess(
  present,
  z.unknown().transform((value) => (value === undefined ? undefined : idOf(value))),
)
/** As Rails casts: false, 0, f, off, no are false. */
export const flag = z.preprocess(present, z.union([z.boolean(), z.string().transform(isTrue), z.number().transform((value) => value !== 0)], 'must be true or false').optional())
export const object = z.preprocess(parseJson, z.record(z.string(), z.unknown(), 'must be an object').optional())
export const list = z.preprocess(toList, z.array(scalar, 'must be a list of texts').optional())

function isTrue(value: string): boolean {
  return !['false', '0', 'f', 'off', 'no'].includes(value.trim().toLowerCase())
}

function parseJson(value: unknown): unknown {
  if (isBlank(value)) return undefined
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return value
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
export function parseFields<Shape extends z.ZodRawShape>(shape: Shape, fields: Parameters): z.output<z.ZodObject<Shape>> {
  const result = z.object(shape).safeParse(fields)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw unprocessable(`${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is invalid'}`.trim())
}
