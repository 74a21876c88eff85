// From zod to the JSON Schema of OpenAPI 3.1 (draft 2020-12): named shapes become components, tolerant fields what
// their contract says.

import { z } from 'zod'

export type JsonSchema = Record<string, unknown>

/** The schema of what is given (`input`) or answered (`output`); shapes with a name go to `components`. */
export function toJsonSchema(
  schema: z.ZodType,
  io: 'input' | 'output',
  components: Record<string, JsonSchema>,
): JsonSchema {
  const { $defs: named = {}, ...own } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: simplify,
  }) as JsonSchema & { $defs?: Record<string, JsonSchema> }
  for (const [name, one] of Object.entries(named)) components[name] = without(['id'], relink(one))
  const { id } = own
  if (typeof id !== 'string') return without(['$schema'], relink(own))
  components[id] = without(['id', '$schema'], relink(own))
  return { $ref: `#/components/schemas/${id}` }
}

// A field's contract replaces the schema of all accepted values; a read-only list does not make the property read-only.
function simplify({ zodSchema, jsonSchema }: { zodSchema: unknown; jsonSchema: JsonSchema }): void {
  const { openapi } = (z.globalRegistry.get(zodSchema as z.ZodType) ?? {}) as { openapi?: JsonSchema }
  if (openapi !== undefined) for (const key of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, key)
  Object.assign(jsonSchema, openapi)
  for (const key of ['readOnly', 'wire', 'propertyNames', 'default']) Reflect.deleteProperty(jsonSchema, key)
  if (jsonSchema['type'] === 'integer' && jsonSchema['maximum'] === Number.MAX_SAFE_INTEGER)
    for (const key of ['minimum', 'maximum'])
      if (Math.abs(Number(jsonSchema[key])) === Number.MAX_SAFE_INTEGER) Reflect.deleteProperty(jsonSchema, key)
}

function without(names: readonly string[], schema: unknown): JsonSchema {
  return Object.fromEntries(Object.entries(schema as JsonSchema).filter(([name]) => !names.includes(name)))
}

function relink(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relink)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string' ? inner.replace('#/$defs/', '#/components/schemas/') : relink(inner),
    ]),
  )
}
