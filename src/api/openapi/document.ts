// OpenAPI 3.1 of the whole API, made of the very schemas that validate requests (`takes`) and that tests hold answers to (`answer`).
// Served at /api/openapi.json; openapi/page.ts shows it to people.

import { z } from 'zod'

import { linkTo } from '../../config.ts'
import type { Route } from '../request/route.ts'
import { toJsonSchema, type JsonSchema } from './json-schema.ts'

interface Facts {
  readonly version: string
  readonly publicUrl: string
}

type Components = Record<string, JsonSchema>

const faults = {
  Unauthorized: ['401', 'No token, a wrong or revoked one, or one that may not do this'],
  NotFound: ['404', 'There is no such thing in this account'],
  Invalid: ['422', 'Something given is wrong; the body says what'],
  TooMany: ['429', 'Too many requests; Retry-After says for how many seconds to wait'],
} as const

/** The document as JSON. */
export function createDocument(routes: readonly Route[], { version, publicUrl }: Facts): JsonSchema {
  const components: Components = {}
  const paths: Record<string, Record<string, JsonSchema>> = {}
  for (const route of routes) {
    const path = (paths[pathOf(route)] ??= {})
    for (const method of route.methods) path[method] = operationOf(route, method, components)
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Rethread', version, description: "Chatwoot's paths, shapes and errors, and what is ours in the same style. Fields may come as JSON, urlencoded or multipart; PUT and PATCH both reach every update." },
    servers: [{ url: linkTo(publicUrl, '') }],
    security: [{ token: [] }],
    tags: [...new Set(routes.map(({ spec }) => spec.tag))].map((name) => ({ name })),
    paths,
    components: { securitySchemes: { token: { type: 'apiKey', in: 'header', name: 'api_access_token' } }, schemas: components, responses: faultResponses() },
  }
}

function pathOf({ path }: Route): string {
  return path.replace(/:(\w+)/g, '{$1}')
}

function operationOf(route: Route, method: string, components: Components): JsonSchema {
  const { spec, audience, path } = route
  const takes = toJsonSchema(z.object(spec.takes ?? {}), 'input', components)
  const hasBody = method !== 'get' && (spec.reads === undefined ? Object.keys(propertiesOf(takes)).length > 0 || spec.files === true : false)
  return {
    operationId: `${method} ${path}`.replace(/[^A-Za-z0-9]+([A-Za-z0-9])?/g, (_all, first: string | undefined) => (first ?? '').toUpperCase()),
    tags: [spec.tag],
    summary: spec.summary,
    ...(spec.under === undefined ? {} : { description: `The fields may also lie under \`${spec.under}\`.` }),
    parameters: [...[...path.matchAll(/:(\w+)/g)].map(([, name = '']) => pathParameter(name)), ...(hasBody ? [] : queryParameters(takes))],
    ...(hasBody ? { requestBody: { content: bodyContents(takes, spec.files === true) } } : {}),
    ...(spec.reads === undefined ? {} : { requestBody: { content: { [spec.reads]: {} } } }),
    responses: { 200: successOf(route, components), ...Object.fromEntries(Object.entries(faults).map(([name, [status]]) => [status, { $ref: `#/components/responses/${name}` }])) },
    ...(audience === 'anyone' ? { security: [] } : {}),
    'x-audience': audience,
  }
}

function propertiesOf(schema: JsonSchema): Record<string, JsonSchema> {
  return (schema['properties'] ?? {}) as Record<string, JsonSchema>
}

function pathParameter(name: string): JsonSchema {
  return { name, in: 'path', required: true, schema: /(?:^id|Id)$/.test(name) ? { type: 'integer' } : { type: 'string' } }
}

function queryParameters(takes: JsonSchema): JsonSchema[] {
  return Object.entries(propertiesOf(takes)).map(([name, schema]) => (schema['type'] === 'array' ? { name: `${name}[]`, in: 'query', schema, style: 'form', explode: true } : { name, in: 'query', schema }))
}

function bodyContents(schema: JsonSchema, files: boolean): JsonSchema {
  const form = { schema }
  return { 'application/json': form, 'application/x-www-form-urlencoded': form, ...(files ? { 'multipart/form-data': form } : {}) }
}

function successOf({ spec }: Route, components: Components): JsonSchema {
  if (spec.sends !== undefined) return { description: 'OK', content: { [spec.sends]: {} } }
  if (spec.answer === undefined) return { description: 'OK, with an empty body' }
  return { description: 'OK', content: { 'application/json': { schema: toJsonSchema(spec.answer, 'output', components) } } }
}

function faultResponses(): JsonSchema {
  const schema = {
    type: 'object',
    anyOf: ['error', 'errors', 'message'].map((name) => ({ required: [name] })),
    properties: { error: { type: 'string' }, errors: { type: 'array', items: { type: 'string' } }, message: { type: 'string' }, attributes: { type: 'array', items: { type: 'string' } } },
  }
  return Object.fromEntries(Object.entries(faults).map(([name, [, description]]) => [name, { description, content: { 'application/json': { schema } } }]))
}
