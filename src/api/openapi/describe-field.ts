// Finds what the registries say of a field, and puts it into the field's schema.

import type { Route } from '../request/route.ts'
import type { FieldDoc, FieldDocs } from './field-doc.ts'
import { accountFields } from './fields-account.ts'
import { contactFields } from './fields-contacts.ts'
import { conversationFields } from './fields-conversations.ts'
import type { JsonSchema } from './json-schema.ts'

const docs: FieldDocs = { ...accountFields, ...contactFields, ...conversationFields }
const bases =
  /^\/(?:api\/v[12](?:\/accounts\/:accountId)?|platform\/api\/v1|public\/api\/v1\/inboxes\/:inboxIdentifier)/

/** A route as the registries name it: `POST /labels`. An update is `UPDATE`, whichever of its methods is asked. */
export function nameOf({ methods, path }: Pick<Route, 'methods' | 'path'>): string {
  const [method = 'get'] = methods
  return `${methods.length > 1 ? 'UPDATE' : method.toUpperCase()} ${path.replace(bases, '')}`
}

/** The most specific documentation of a route's field; null if there is none. */
export function findFieldDoc(route: Route, field: string): FieldDoc | null {
  const name = nameOf(route)
  const space = name.indexOf(' ')
  const [method, segments] = [name.slice(0, space), name.slice(space + 1).split('/')]
  const paths = segments.map((_segment, at) => segments.slice(0, segments.length - at).join('/'))
  const keys = [...paths.map((path) => `${method} ${path} ${field}`), `${route.spec.tag}.${field}`, field]
  const known = keys.find((key) => Object.hasOwn(docs, key))
  return known === undefined ? null : (docs[known] ?? null)
}

/** The field's schema with its description. */
export function describeSchema(schema: JsonSchema, doc: FieldDoc | null): JsonSchema {
  if (doc === null) return schema
  const { description, example, enum: values } = doc
  const narrowed = doc.schema === undefined ? schema : { ...doc.schema }
  return { ...withEnum(narrowed, values), description, examples: [example] }
}

// Null stays what it is: no value.
function withEnum(schema: JsonSchema, values: readonly string[] | undefined): JsonSchema {
  if (values === undefined) return schema
  if (schema['type'] === 'array') return { ...schema, items: { type: 'string', enum: values } }
  const nullable = Array.isArray(schema['type']) && schema['type'].includes('null')
  return { ...schema, enum: nullable ? [...values, null] : values }
}
