// One operation of the document: parameters, body and answers of a route, each field described, with examples of a
// request and an answer.

import { z } from 'zod'

import { isSigningIn } from '../request/leaving.ts'
import type { Audience, Route } from '../request/route.ts'
import { describeSchema, findFieldDoc, nameOf } from './describe-field.ts'
import { exampleOf } from './example.ts'
import { type JsonSchema, toJsonSchema } from './json-schema.ts'
import { requiredFields } from './required.ts'

export type Components = Record<string, JsonSchema>

/** Answers that are not 200: name of the response, status and meaning. */
export const faults = {
  Unauthorized: ['401', 'The token is missing, wrong or revoked, or does not allow this'],
  Forbidden: ['403', 'The cookie counts only for requests from a page of this service'],
  NotFound: ['404', 'The account has no such record'],
  Conflict: ['409', 'The first request with this Idempotency-Key is still running; see Retry-After'],
  Invalid: ['422', 'A field is missing or wrong; the body says which'],
  TooMany: ['429', 'Too many requests; Retry-After says for how many seconds to wait'],
} as const

const audiences: Readonly<Record<Audience, string>> = {
  anyone: 'Needs no token.',
  caller: 'For callers with a token or a session.',
  member: 'For agents and administrators of the account.',
  'member-or-bot': 'For agents, administrators and bots of the account.',
  administrator: 'For administrators of the account.',
  'installation-administrator': 'For administrators of the installation.',
}

/** The operation of a route and one of its methods. Shapes with a name go to `components`. */
export function operationOf(route: Route, method: string, components: Components): JsonSchema {
  const { spec, audience, path } = route
  const takes = fieldsOf(route, components)
  const body = bodyOf(route, { method, takes, components })
  return {
    operationId: `${method} ${path}`.replace(/[^A-Za-z0-9]+([A-Za-z0-9])?/g, (_all, first: string | undefined) =>
      (first ?? '').toUpperCase(),
    ),
    tags: [spec.tag],
    summary: spec.summary,
    description: descriptionOf(route),
    parameters: [
      ...[...path.matchAll(/:(\w+)/g)].map(([, name = '']) => pathParameter(route, name)),
      ...(body === null || spec.reads !== undefined ? queryParameters(takes) : []),
      ...headerParameters(method, path),
    ],
    ...(body === null ? {} : { requestBody: body }),
    responses: {
      200: successOf(route, components),
      ...(spec.partial === undefined ? {} : { 206: answerOf('A further factor is needed', spec.partial, components) }),
      ...Object.fromEntries(
        Object.entries(faults)
          .filter(([name]) => name !== 'Conflict' || method === 'post')
          .map(([name, [status]]) => [status, { $ref: `#/components/responses/${name}` }]),
      ),
    },
    ...(audience === 'anyone' ? { security: [] } : {}),
    'x-audience': audience,
  }
}

function descriptionOf({ spec, audience }: Route): string {
  const under = spec.under === undefined ? '' : ` The fields may also be inside \`${spec.under}\`.`
  return `${audiences[audience]}${under}`
}

interface Fields {
  readonly properties: Readonly<Record<string, JsonSchema>>
  readonly required: readonly string[]
}

function fieldsOf(route: Route, components: Components): Fields {
  const { properties = {} } = toJsonSchema(z.object(route.spec.takes ?? {}), 'input', components)
  return {
    properties: Object.fromEntries(
      Object.entries(properties as Record<string, JsonSchema>).map(([name, schema]) => [
        name,
        describeSchema(schema, findFieldDoc(route, name)),
      ]),
    ),
    required: requiredFields[nameOf(route)] ?? [],
  }
}

interface Asked {
  readonly method: string
  readonly takes: Fields
  readonly components: Components
}

function bodyOf({ spec }: Route, { method, takes, components }: Asked): JsonSchema | null {
  if (spec.reads !== undefined)
    return { required: true, content: { [spec.reads]: { example: bodyExamples[spec.reads] } } }
  const names = Object.keys(takes.properties)
  if (method === 'get' || (names.length === 0 && spec.files !== true)) return null
  const schema = {
    type: 'object',
    properties: takes.properties,
    ...(takes.required.length === 0 ? {} : { required: takes.required }),
  }
  const shown = [...new Set([...takes.required, ...names])].slice(0, Math.max(takes.required.length, shownFields))
  const example = Object.fromEntries(
    shown.map((name) => [name, exampleOf(takes.properties[name] ?? {}, components, name)]),
  )
  const form = { schema, example }
  return {
    required: takes.required.length > 0,
    content: {
      'application/json': form,
      'application/x-www-form-urlencoded': { schema },
      ...(spec.files === true ? { 'multipart/form-data': { schema } } : {}),
    },
  }
}

// How many fields an example request has, if no more are required.
const shownFields = 3

const bodyExamples: Readonly<Record<string, string>> = {
  'message/rfc822':
    'From: Ann Smith <ann@example.com>\r\nTo: support@reply.example.com\r\nSubject: Where is my ' +
    'order?\r\n\r\nIt is late.\r\n',
  'multipart/form-data': 'name,email\nAnn Smith,ann@example.com\n',
}

// A visitor's key and an integration's name are not numbers.
const textual = new Set(['sourceId', 'appId'])

function pathParameter(route: Route, name: string): JsonSchema {
  const isNumber = /(?:^id|Id)$/.test(name) && !textual.has(name)
  const { description, examples, ...schema } = describeSchema(
    { type: isNumber ? 'integer' : 'string' },
    findFieldDoc(route, name),
  )
  return { name, in: 'path', required: true, description, schema, example: firstOf(examples) }
}

function queryParameters({ properties, required }: Fields): JsonSchema[] {
  return Object.entries(properties).map(([name, { description, examples, ...schema }]) => {
    const isList = schema['type'] === 'array'
    return {
      name: isList ? `${name}[]` : name,
      in: 'query',
      required: required.includes(name),
      description,
      schema,
      example: firstOf(examples),
      ...(isList ? { style: 'form', explode: true } : {}),
    }
  })
}

function firstOf(examples: unknown): unknown {
  return Array.isArray(examples) ? examples[0] : undefined
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Any unique text, such as a UUID. A retry with the same key within 24 hours gets the first answer again.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
  example: '0b6f2a1e-8a3c-4c53-9d3e-6f5d0a7c9e21',
}

function headerParameters(method: string, path: string): JsonSchema[] {
  return method === 'post' && !isSigningIn(path) ? [idempotencyKey] : []
}

const sentExamples: Readonly<Record<string, string>> = {
  'text/event-stream': 'id: 1043\nevent: message_created\ndata: {"event":"message_created","id":121}\n\n',
  'text/csv': 'name,email\nAnn Smith,ann@example.com\n',
  'message/rfc822': bodyExamples['message/rfc822'] ?? '',
}

function successOf({ spec }: Route, components: Components): JsonSchema {
  if (spec.sends !== undefined)
    return { description: 'OK', content: { [spec.sends]: { example: sentExamples[spec.sends] } } }
  if (spec.answer === undefined) return { description: 'OK, with an empty body' }
  return answerOf('OK', spec.answer, components)
}

function answerOf(description: string, shape: z.ZodType, components: Components): JsonSchema {
  const schema = toJsonSchema(shape, 'output', components)
  return { description, content: { 'application/json': { schema, example: exampleOf(schema, components) } } }
}
