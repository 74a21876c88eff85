// Holds answers to the API's own document: what /api/openapi.json says of a path is what the path says.

import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

export interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, any>> }>>>
  >
  readonly components: { readonly schemas: object; readonly responses: Readonly<Record<string, any>> }
}

export interface Answered {
  readonly method: string
  /** With or without a query. */
  readonly path: string
  readonly status: number
  readonly type: string
  readonly body: unknown
}

/** A check of answers; it throws where one does not fit. What the document does not know, nor we. */
export function createFit(document: Document): (answered: Answered) => void {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  formats.default(ajv)
  ajv.addSchema({ $id: 'doc', components: document.components })
  const patterns = Object.entries(document.paths)
    .map(([path, methods]) => ({ path, methods, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`) }))
    // Fixed words before names: /contacts/search is not /contacts/{id}.
    .sort((one, other) => (one.path.match(/\{/g)?.length ?? 0) - (other.path.match(/\{/g)?.length ?? 0))
  const compiled = new Map<string, ReturnType<typeof ajv.compile>>()

  return ({ method, path, status, type, body }) => {
    const bare = path.split('?', 1)[0] ?? ''
    const known = patterns.find(
      ({ pattern, methods }) => pattern.test(bare) && methods[method.toLowerCase()] !== undefined,
    )
    if (known === undefined) return
    const details = known.methods[method.toLowerCase()]!.responses[String(status)]
    if (details === undefined) {
      if (status >= 500 || status === 413 || status === 415 || status === 409 || status === 403 || status === 402)
        return
      throw new Error(`${method} ${known.path} answered ${String(status)}, which its document does not know`)
    }
    const response =
      typeof details.$ref === 'string'
        ? document.components.responses[details.$ref.split('/').at(-1) as string]
        : details
    const schema = response.content?.['application/json']?.schema
    if (schema === undefined) {
      if (status === 200 && response.content === undefined && body !== undefined)
        throw new Error(`${method} ${known.path} answered a body, where its document has none`)
      return
    }
    if (!type.startsWith('application/json')) throw new Error(`${method} ${known.path} answered ${type}, not JSON`)
    const key = `${method} ${known.path} ${String(status)}`
    let check = compiled.get(key)
    if (check === undefined) compiled.set(key, (check = ajv.compile(absolute(schema) as object)))
    if (!check(body))
      throw new Error(
        `${key} does not fit its document: ${ajv.errorsText(check.errors)}\n${JSON.stringify(body).slice(0, 2_000)}`,
      )
  }
}

function absolute(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(absolute)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === '$ref' ? `doc${String(inner)}` : absolute(inner)]),
  )
}
