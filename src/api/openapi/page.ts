// GET /api/openapi.json, and the same for people as a page at /api/docs: no script, nothing fetched from anywhere.

import express from 'express'

import type { Route } from '../request/route.ts'
import { createDocument } from './document.ts'
import type { JsonSchema } from './json-schema.ts'

/** Serves the document of these routes. It is made once, with the first question. */
export function createOpenApiRouter(routes: readonly Route[], facts: { readonly version: string; readonly publicUrl: string }): express.Router {
  const router = express.Router()
  let made: JsonSchema | null = null
  const document = (): JsonSchema => (made ??= createDocument(routes, facts))
  router.get('/api/openapi.json', (_request, response) => {
    response.json(document())
  })
  router.get('/api/docs', (_request, response) => {
    response.set({ 'content-type': 'text/html; charset=utf-8', 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'", 'x-content-type-options': 'nosniff' })
    response.send(createPage(document()))
  })
  return router
}

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a202c;background:#fff}
code,pre{font:14px/1.4 ui-monospace,monospace}pre{overflow:auto;background:#f4f6f8;padding:.75rem;border-radius:.4rem}
summary{cursor:pointer;padding:.3rem 0}summary b{display:inline-block;min-width:4.5rem}h2{margin-top:2.5rem;border-bottom:1px solid #d8dee4}
nav a{margin-right:.8rem}table{border-collapse:collapse}td{padding:.1rem .8rem .1rem 0;vertical-align:top}`

interface Operation {
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly 'x-audience': string
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: JsonSchema }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: JsonSchema }>> }
  readonly responses: Readonly<Record<string, { readonly description?: string; readonly content?: Readonly<Record<string, { readonly schema?: JsonSchema }>> }>>
}

interface Place {
  readonly method: string
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
  const places = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]): Place => ({ method, path, operation })))
  const sections = tags.map(
    ({ name }) =>
      `<h2 id="${anchor(name)}">${escape(name)}</h2>${places
        .filter(({ operation }) => operation.tags[0] === name)
        .map(operationHtml)
        .join('')}`,
  )
  const shapes = Object.entries(components.schemas).map(([name, schema]) => `<details id="shape-${anchor(name)}"><summary><code>${escape(name)}</code></summary><pre>${json(schema)}</pre></details>`)
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(info.title)} API</title><style>${style}</style>
<h1>${escape(info.title)} API</h1><p>Version ${escape(info.version)}. ${escape(info.description)} The same for programs: <a href="/api/openapi.json">/api/openapi.json</a>.</p>
<nav>${tags.map(({ name }) => `<a href="#${anchor(name)}">${escape(name)}</a>`).join(' ')} <a href="#shapes">Shapes</a></nav>${sections.join('\n')}<h2 id="shapes">Shapes</h2>${shapes.join('\n')}</html>`
}

function operationHtml({ method, path, operation }: Place): string {
  const parameters = operation.parameters.map(({ name, in: place, schema }) => `<tr><td><code>${escape(name)}</code></td><td>${escape(place)}</td><td>${escape(typeOf(schema))}</td></tr>`)
  const body = Object.entries(operation.requestBody?.content ?? {}).slice(0, 1)
  const fields = body.flatMap(([type, { schema }]) => (schema === undefined ? [`<tr><td colspan="3">body: ${escape(type)}</td></tr>`] : fieldRows(schema)))
  const [type, answer] = Object.entries(operation.responses['200']?.content ?? {})[0] ?? []
  const answered = type === undefined ? '200 with an empty body' : answer?.schema === undefined ? escape(type) : `<pre>${json(answer.schema)}</pre>`
  return `<details><summary><b>${escape(method.toUpperCase())}</b> <code>${escape(path)}</code> ${escape(operation.summary)}</summary>${operation.description === undefined ? '' : `<p>${escape(operation.description)}</p>`}<table>${[...parameters, ...fields].join('')}</table><p>For: ${escape(operation['x-audience'].replaceAll('-', ' '))}. Answers: ${answered}</p></details>`
}

function fieldRows(schema: JsonSchema): string[] {
  return Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>).map(([name, field]) => `<tr><td><code>${escape(name)}</code></td><td>body</td><td>${escape(typeOf(field))}</td></tr>`)
}

function typeOf(schema: JsonSchema): string {
  const { type, enum: names } = schema as { type?: string | string[]; enum?: string[] }
  if (names !== undefined) return names.join(' | ')
  return type === undefined ? 'anything' : [type].flat().join(' or ')
}

function json(value: unknown): string {
  return escape(JSON.stringify(value, null, 1))
}

const anchor = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '-')

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${String(char.charCodeAt(0))};`)
}
