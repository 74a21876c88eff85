// GET /api/openapi.json, and the same for people as a page at /api/docs: without scripts and without requests to other
// hosts.

import express from 'express'

import type { Route } from '../request/route.ts'
import { createDocument } from './document.ts'
import type { JsonSchema } from './json-schema.ts'

/** Serves the document of these routes. It is made once, at the first request. */
export function createOpenApiRouter(
  routes: readonly Route[],
  facts: { readonly version: string; readonly publicUrl: string },
): express.Router {
  const router = express.Router()
  let made: JsonSchema | null = null
  const document = (): JsonSchema => (made ??= createDocument(routes, facts))
  router.get('/api/openapi.json', (_request, response) => {
    response.json(document())
  })
  router.get('/api/docs', (_request, response) => {
    response.set({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      'x-content-type-options': 'nosniff',
    })
    response.send(createPage(document()))
  })
  return router
}

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
  color:#1a202c;background:#fff}
code,pre{font:14px/1.4 ui-monospace,monospace}pre{overflow:auto;background:#f4f6f8;padding:.75rem;border-radius:.4rem}
summary{cursor:pointer;padding:.3rem 0}summary b{display:inline-block;min-width:4.5rem}
h2{margin-top:2.5rem;border-bottom:1px solid #d8dee4}
nav a{margin-right:.8rem}table{border-collapse:collapse}td{padding:.1rem .8rem .1rem 0;vertical-align:top}`

interface Described {
  readonly schema?: JsonSchema
  readonly example?: unknown
}

type Content = Readonly<Record<string, Described>>

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required: boolean
  readonly description?: string
  readonly schema: JsonSchema
}

interface Operation {
  readonly tags: readonly string[]
  readonly summary: string
  readonly description: string
  readonly parameters: readonly Parameter[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly description?: string; readonly content?: Content }>>
}

interface OperationEntry {
  /** PUT and PATCH do the same, and are shown as one. */
  readonly methods: readonly string[]
  readonly path: string
  readonly operation: Operation
}

function createPage(document: JsonSchema): string {
  const { info, tags, paths, components } = document as {
    info: { title: string; version: string; description: string }
    tags: { name: string }[]
    paths: Record<string, Record<string, Operation>>
    components: { schemas: Record<string, JsonSchema> }
  }
  const entries = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => method !== 'patch')
      .map(([method, operation]): OperationEntry => {
        const isUpdate = method === 'put' && methods['patch'] !== undefined
        return { methods: isUpdate ? ['put', 'patch'] : [method], path, operation }
      }),
  )
  const sections = tags.map(
    ({ name }) =>
      `<h2 id="${anchor(name)}">${escape(name)}</h2>${entries
        .filter(({ operation }) => operation.tags[0] === name)
        .map(operationHtml)
        .join('')}`,
  )
  const shapes = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<details id="shape-${anchor(name)}"><summary><code>${escape(name)}</code></summary>` +
      `<pre>${json(schema)}</pre></details>`,
  )
  const links = tags.map(({ name }) => `<a href="#${anchor(name)}">${escape(name)}</a>`)
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(info.title)} API</title><style>${style}</style>
<h1>${escape(info.title)} API</h1>
<p>Version ${escape(info.version)}. ${escape(info.description)}
The same for programs: <a href="/api/openapi.json">/api/openapi.json</a>.</p>
<nav>${links.join(' ')} <a href="#shapes">Shapes</a></nav>
${sections.join('\n')}<h2 id="shapes">Shapes</h2>${shapes.join('\n')}</html>`
}

function operationHtml({ methods, path, operation }: OperationEntry): string {
  const method = methods.map((name) => name.toUpperCase()).join(', ')
  return `<details><summary><b>${escape(method)}</b> <code>${escape(path)}</code> ${escape(operation.summary)}</summary>
<p>${prose(operation.description)}</p>
${tableHtml(operation)}${requestHtml(operation)}${answerHtml(operation)}</details>`
}

function tableHtml({ parameters, requestBody }: Operation): string {
  const { properties = {}, required = [] } = (Object.values(requestBody?.content ?? {})[0]?.schema ?? {}) as {
    properties?: Record<string, JsonSchema & { description?: string }>
    required?: string[]
  }
  const fields = Object.entries(properties).map(([name, schema]): Parameter => ({
    name,
    in: 'body',
    required: required.includes(name),
    schema,
    ...(schema.description === undefined ? {} : { description: schema.description }),
  }))
  const rows = [...parameters, ...fields].map(
    (one) =>
      `<tr><td><code>${escape(one.name)}</code></td>` +
      `<td>${escape(one.in)}${one.required ? ', required' : ''}</td><td>${escape(typeOf(one.schema))}</td>` +
      `<td>${prose(one.description ?? '')}</td></tr>`,
  )
  return rows.length === 0 ? '' : `<table>${rows.join('')}</table>`
}

function requestHtml({ requestBody }: Operation): string {
  const [type, body] = Object.entries(requestBody?.content ?? {})[0] ?? []
  return type === undefined ? '' : `<p>Request, <code>${escape(type)}</code>:</p><pre>${shown(body?.example)}</pre>`
}

function answerHtml({ responses }: Operation): string {
  const [type, answer] = Object.entries(responses['200']?.content ?? {})[0] ?? []
  if (type === undefined) return '<p>Answer: 200 with an empty body.</p>'
  const schema =
    answer?.schema === undefined ? '' : `<details><summary>Schema</summary><pre>${json(answer.schema)}</pre></details>`
  return `<p>Answer, 200, <code>${escape(type)}</code>:</p><pre>${shown(answer?.example)}</pre>${schema}`
}

function typeOf(schema: JsonSchema): string {
  const {
    type,
    enum: values,
    items,
  } = schema as {
    type?: string | string[]
    enum?: (string | null)[]
    items?: { enum?: string[] }
  }
  const names = values ?? items?.enum
  if (names !== undefined) return `${type === 'array' ? 'list of ' : ''}${names.map(String).join(' | ')}`
  return type === undefined ? 'anything' : [type].flat().join(' or ')
}

function shown(example: unknown): string {
  return typeof example === 'string' ? escape(example) : json(example ?? null)
}

// `code` as in Markdown.
function prose(text: string): string {
  return escape(text).replace(/`([^`]+)`/g, '<code>$1</code>')
}

function json(value: unknown): string {
  return escape(JSON.stringify(value, null, 1))
}

const anchor = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '-')

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${String(char.charCodeAt(0))};`)
}
