// Examples of requests and answers, made of their schemas and of the examples that the registries have for each name.

import { emailChannel } from '../../contracts/channels.ts'
import type { JsonSchema } from './json-schema.ts'

type Components = Readonly<Record<string, JsonSchema>>

const maxDepth = 7

/** Values of what answers have and requests do not. */
const byName: Readonly<Record<string, readonly unknown[]>> = {
  access_token: ['Tq3v…'],
  address: ['reply+645f0e2bb1c24d0a9f1e1c0d2f3a4b5c@reply.example.com'],
  available_name: ['Maria'],
  avatar_url: ['https://example.com/ann.png'],
  channel: [emailChannel],
  channel_type: [emailChannel],
  color: ['#1f93ff'],
  content: ['Your order is on its way'],
  content_id: ['image001.png@01DC6A2B'],
  content_type: ['text'],
  created_at: [1796030000, '2026-11-30T09:33:20.000Z'],
  data_url: ['https://mail.example.com/attachments/5d0e8f3c/invoice.pdf'],
  description: ['Questions about invoices'],
  detail: ['reply+…@reply.example.com'],
  display_name: ['Maria'],
  domain: ['reply.example.com'],
  echo_id: ['c-4711'],
  email: ['ann@example.com'],
  error: ['Resource could not be found'],
  event: ['message_created'],
  extension: ['pdf'],
  fallback_title: ['invoice.pdf'],
  file_type: ['file'],
  forward_to_email: ['1f0c…@reply.example.com'],
  from: ['ann@example.com', ['ann@example.com']],
  identifier: ['user-42'],
  ingress: ['smtp'],
  last_activity_at: [1796030000],
  learned_from: ['envelope'],
  locale: ['en'],
  message_id: ['CAF=9b1b@mail.example.com'],
  message_type: [1, 'outgoing'],
  name: ['Ann Smith'],
  new_conversation_address: ['new+645f0e2bb1c24d0a9f1e1c0d2f3a4b5c@reply.example.com'],
  outcome: ['found'],
  phone_number: ['+4791000000'],
  reason: ['reply-address'],
  reply_address: ['reply+645f0e2bb1c24d0a9f1e1c0d2f3a4b5c@reply.example.com'],
  source_id: ['ann@example.com'],
  step: ['reply-token'],
  subject: ['Re: Your order 4711'],
  thumb_url: [''],
  thumbnail: [''],
  timestamp: [1796030000],
  timezone: ['Europe/Berlin'],
  title: ['billing'],
  token: ['Tq3v…'],
  type: ['user'],
  updated_at: [1796030000, '2026-11-30T09:33:20.000Z'],
  url: ['https://app.example.com/hooks/rethread'],
  uuid: ['5d0e8f3c-2f5e-4d4e-9d0b-7a1f6c2b9e10'],
  version: ['0.1.0'],
  waiting_since: [1796030000, 0],
}

/** A value that fits the schema. Never throws. */
export function exampleOf(schema: JsonSchema, components: Components, name = ''): unknown {
  return sample(schema, { components, name, depth: 0 })
}

interface SampleContext {
  readonly components: Components
  /** Name of the property whose value is made. */
  readonly name: string
  readonly depth: number
}

function sample(schema: JsonSchema, context: SampleContext): unknown {
  const { $ref: ref, examples, const: constant, enum: values, anyOf, oneOf, allOf } = schema
  if (typeof ref === 'string') return sample(context.components[ref.split('/').at(-1) ?? ''] ?? {}, context)
  if (Array.isArray(examples)) return examples[0] as unknown
  if (constant !== undefined) return constant
  if (Array.isArray(values)) return values[0] as unknown
  const choices = (anyOf ?? oneOf) as JsonSchema[] | undefined
  if (choices !== undefined) return sampleChoice(choices, context)
  if (Array.isArray(allOf)) return Object.assign({}, ...allOf.map((one: JsonSchema) => sample(one, context))) as unknown
  return sampleType(schema, context)
}

// A value is preferred to null, unless it is nested too deeply.
function sampleChoice(choices: readonly JsonSchema[], context: SampleContext): unknown {
  const nothing = choices.find(({ type }) => type === 'null')
  const something = choices.find(({ type }) => type !== 'null')
  if (nothing !== undefined && (something === undefined || context.depth > 3)) return null
  return sample(something ?? {}, context)
}

function sampleType(schema: JsonSchema, context: SampleContext): unknown {
  const types = [schema['type']].flat() as (string | undefined)[]
  const known = byName[context.name]?.find((value) => types.includes(typeOf(value)) && suits(value, schema))
  if (known !== undefined) return known
  const type = types.find((one) => one !== 'null') ?? 'null'
  return makers[type]?.(schema, context) ?? null
}

const sampleNumber = ({ minimum, exclusiveMinimum }: JsonSchema): number =>
  Math.max(Number(minimum ?? 1), Number(exclusiveMinimum ?? 0) + 1)

const makers: Readonly<Record<string, (schema: JsonSchema, context: SampleContext) => unknown>> = {
  object: sampleObject,
  array: sampleArray,
  string: sampleText,
  integer: sampleNumber,
  number: sampleNumber,
  boolean: () => false,
}

function suits(value: unknown, { format, pattern }: JsonSchema): boolean {
  if (typeof value !== 'string') return true
  if (format === 'date-time' && !/^\d{4}-/.test(value)) return false
  return typeof pattern !== 'string' || new RegExp(pattern).test(value)
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'number' ? 'integer' : typeof value
}

function sampleObject({ properties = {}, required = [] }: JsonSchema, context: SampleContext): object {
  const wanted = Object.entries(properties as Record<string, JsonSchema>).filter(
    ([name]) => context.depth < maxDepth || (required as string[]).includes(name),
  )
  return Object.fromEntries(
    wanted.map(([name, one]) => [name, sample(one, { ...context, name, depth: context.depth + 1 })]),
  )
}

function sampleArray({ items, prefixItems }: JsonSchema, context: SampleContext): unknown[] {
  const below = { ...context, depth: context.depth + 1 }
  if (Array.isArray(prefixItems)) return prefixItems.map((one: JsonSchema) => sample(one, below))
  return typeof items !== 'object' || context.depth >= maxDepth ? [] : [sample(items as JsonSchema, below)]
}

const byFormat: Readonly<Record<string, string>> = {
  'date-time': '2026-11-30T09:33:20.000Z',
  date: '2026-11-30',
  uuid: '5d0e8f3c-2f5e-4d4e-9d0b-7a1f6c2b9e10',
  uri: 'https://example.com',
  email: 'ann@example.com',
}

function sampleText({ format }: JsonSchema, { name }: SampleContext): string {
  if (typeof format === 'string') return byFormat[format] ?? ''
  return name === '' ? 'text' : name.replaceAll('_', ' ')
}
