// The document of the API: complete, valid, and shown to people without a script. That answers fit it is checked wherever test/support/api asks.

import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { startApi, type TestApi } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'

describeWithDatabase('the document of the API', () => {
  let api: TestApi
  let document: any
  beforeAll(async () => {
    api = await startApi()
    document = (await api.ask('GET', '/api/openapi.json', { token: null })).body
  })
  afterAll(() => api.stop())

  const operations = () => Object.entries<any>(document.paths).flatMap(([path, methods]) => Object.entries<any>(methods).map(([method, operation]) => ({ path, method, operation })))

  it('is OpenAPI 3.1 and served without a token', () => {
    expect(document.openapi).toMatch(/^3\.1\./)
    expect(document.servers).toEqual([{ url: 'https://mail.example.net' }])
    expect(operations().length).toBeGreaterThan(40)
  })

  it('names each operation once, with a summary and its parameters in the path', () => {
    const ids = operations().map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { path, operation } of operations()) {
      expect(operation.summary).toMatch(/\S+ \S+|\S{3,}/)
      const named = operation.parameters.filter((one: any) => one.in === 'path').map((one: any) => one.name)
      expect(named).toEqual([...path.matchAll(/\{(\w+)\}/g)].map((match: RegExpMatchArray) => match[1]))
    }
  })

  it('has no reference that leads nowhere and no schema that is none', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/([^"]+)"/g)]
    expect(references.length).toBeGreaterThan(40)
    expect(references.filter(([, kind = '', name = '']) => document.components[kind]?.[name] === undefined)).toEqual([])
    const ajv = new Ajv2020({ strict: false, logger: false })
    for (const schema of Object.values<any>(document.components.schemas)) expect(ajv.validateSchema(schema)).toBe(true)
  })

  it('is shown to people as a page that names every path, without a script', async () => {
    const page = await api.ask('GET', '/api/docs', { token: null })
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page.text).not.toContain('<script')
    for (const path of Object.keys(document.paths)) expect(page.text).toContain(`<code>${path}</code>`)
  })
})
