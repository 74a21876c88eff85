// OpenAPI 3.1 of the whole API, made of the schemas that validate requests (`takes`) and with which tests compare
// answers (`answer`). Served at /api/openapi.json; openapi/page.ts shows it to people.

import { linkTo } from '../../links.ts'
import { cookieName } from '../access/cookie.ts'
import type { Route } from '../request/route.ts'
import type { JsonSchema } from './json-schema.ts'
import { type Components, faults, operationOf } from './operation.ts'

interface Facts {
  readonly version: string
  readonly publicUrl: string
}

// Programs begin with these; the others follow in their own order.
const firstTags = ['Contacts', 'Conversations', 'Messages', 'Events', 'Webhooks', 'Inboxes', 'Inbound emails']

/** The document as JSON. */
export function createDocument(routes: readonly Route[], { version, publicUrl }: Facts): JsonSchema {
  const components: Components = {}
  const paths: Record<string, Record<string, JsonSchema>> = {}
  for (const route of routes) {
    const path = (paths[route.path.replace(/:(\w+)/g, '{$1}')] ??= {})
    for (const method of route.methods) path[method] = operationOf(route, method, components)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Rethread',
      version,
      description:
        "Chatwoot's paths, shapes and errors, and Rethread's own in the same style. Fields may come as JSON, " +
        'urlencoded or multipart. PUT and PATCH both change what is named and keep the rest. A POST may be ' +
        'retried with an Idempotency-Key.',
    },
    servers: [{ url: linkTo(publicUrl, '') }],
    security: [{ token: [] }, { session: [] }],
    tags: [...new Set([...firstTags, ...routes.map(({ spec }) => spec.tag)])].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        token: { type: 'apiKey', in: 'header', name: 'api_access_token' },
        session: { type: 'apiKey', in: 'cookie', name: cookieName(publicUrl) },
      },
      schemas: components,
      responses: faultResponses(),
    },
  }
}

const faultExamples: Readonly<Record<keyof typeof faults, object>> = {
  Unauthorized: { error: 'Invalid Access Token' },
  Forbidden: { error: 'This request comes from another site or does not say where it comes from.' },
  NotFound: { error: 'Resource could not be found' },
  Conflict: { error: 'The first request with this Idempotency-Key is still running. Try again in a moment.' },
  Invalid: { message: 'Email has already been taken', attributes: ['email'] },
  TooMany: { error: 'Too much at once, try again later' },
}

function faultResponses(): JsonSchema {
  const schema = {
    type: 'object',
    anyOf: ['error', 'errors', 'message'].map((name) => ({ required: [name] })),
    properties: {
      error: { type: 'string', description: 'The error, in a sentence' },
      errors: { type: 'array', items: { type: 'string' }, description: 'As `error`, where Chatwoot has a list' },
      message: { type: 'string', description: 'The error in the fields, in a sentence' },
      attributes: { type: 'array', items: { type: 'string' }, description: 'Names of the fields that are wrong' },
    },
  }
  return Object.fromEntries(
    Object.entries(faults).map(([name, [, description]]) => [
      name,
      {
        description,
        content: { 'application/json': { schema, example: faultExamples[name as keyof typeof faults] } },
      },
    ]),
  )
}
