// The document of the API: complete, valid, and shown to people without a script. That answers fit it is checked
// wherever test/support/api asks.

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

  const operations = () =>
    Object.entries<any>(document.paths).flatMap(([path, methods]) =>
      Object.entries<any>(methods).map(([method, operation]) => ({ path, method, operation })),
    )

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

  it('has no dangling reference and no invalid schema', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/([^"]+)"/g)]
    expect(references.length).toBeGreaterThan(40)
    expect(references.filter(([, kind = '', name = '']) => document.components[kind]?.[name] === undefined)).toEqual([])
    const ajv = new Ajv2020({ strict: false, logger: false })
    for (const schema of Object.values<any>(document.components.schemas)) expect(ajv.validateSchema(schema)).toBe(true)
  })

  const fieldsOf = (operation: any): [string, any][] =>
    Object.entries(
      Object.values<any>(operation.requestBody?.content ?? {}).find(({ schema }) => schema !== undefined)?.schema
        .properties ?? {},
    )
  /** A check of values against a schema of the document. */
  const createCheck = () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
    ajv.addSchema({ $id: 'doc', components: document.components })
    return (schema: unknown) => {
      const check = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"doc#/')) as object)
      return (value: unknown) => (check(value) ? null : ajv.errorsText(check.errors))
    }
  }

  it('describes each parameter and each field, with an example of its type', () => {
    const checkOf = createCheck()
    const wrong = operations().flatMap(({ path, method, operation }) => [
      ...operation.parameters.flatMap((one: any) => {
        const fault = checkOf(one.schema)(one.example)
        const said = typeof one.description === 'string' && one.description.length > 1 && one.required !== undefined
        const fits = one.in === 'header' || fault === null
        return said && fits ? [] : [`${method} ${path} ${String(one.name)}: ${fault ?? 'no description'}`]
      }),
      ...fieldsOf(operation).flatMap(([name, schema]) => {
        const fault = checkOf(schema)(schema.examples?.[0])
        return schema.description?.length > 1 && fault === null
          ? []
          : [`${method} ${path} ${name}: ${fault ?? 'no description'}`]
      }),
    ])
    expect(wrong).toEqual([])
  })

  it('has an example of each request and each answer, which fits its schema', () => {
    const checkOf = createCheck()
    const contents = operations().flatMap(({ path, method, operation }) => [
      ...Object.entries<any>(operation.requestBody?.content ?? {})
        .slice(0, 1)
        .map(([, content]) => ({ of: `request of ${method} ${path}`, content })),
      ...Object.values<any>(operation.responses['200'].content ?? {}).map((content) => ({
        of: `answer of ${method} ${path}`,
        content,
      })),
    ])
    expect(contents.length).toBeGreaterThan(250)
    const wrong = contents.flatMap(({ of, content: { schema, example } }) => {
      if (example === undefined) return [`${of} has no example`]
      const fault = schema === undefined ? null : checkOf(schema)(example)
      return fault === null ? [] : [`${of}: ${fault}`]
    })
    expect(wrong).toEqual([])
  })

  it('is right: its examples are accepted, and a request without a required field is refused', async () => {
    const id = () => Math.random().toString(36).slice(2, 10)
    // Names that may be there once only.
    const fresh = (body: any) => ({
      ...body,
      ...('title' in body ? { title: `label-${id()}` } : {}),
      ...('short_code' in body ? { short_code: `code-${id()}` } : {}),
      ...('attribute_key' in body ? { attribute_key: `key_${id()}` } : {}),
      ...('email' in body ? { email: `${id()}@example.com` } : {}),
      ...('emails' in body ? { emails: [`${id()}@example.com`] } : {}),
      ...('url' in body ? { url: `https://example.com/${id()}` } : {}),
      ...('domain' in body ? { domain: `${id()}.example` } : {}),
      ...('name' in body && typeof body.name === 'string' ? { name: `${body.name as string} ${id()}` } : {}),
      ...('channel' in body ? { channel: { ...body.channel, email: `${id()}@reply.example` } } : {}),
    })
    const asked = operations().filter(
      ({ path, method, operation }) =>
        method === 'post' &&
        operation.requestBody?.required === true &&
        operation.requestBody.content['application/json'] !== undefined &&
        [...path.matchAll(/\{(\w+)\}/g)].every(([, name]) => name === 'accountId') &&
        !path.includes('contact_merge') &&
        !path.endsWith('/contact_inboxes/filter'),
    )
    expect(asked.length).toBeGreaterThan(14)
    await api.pool.query(`update users set type = 'SuperAdmin' where id = $1`, [api.administrator.id])
    const wrong: string[] = []
    for (const { path, operation } of asked) {
      const { schema, example } = operation.requestBody.content['application/json']
      const ask = (json: object) => api.ask('POST', path.replace('{accountId}', String(api.accountId)), { json })
      const whole = await ask(fresh(example))
      if (whole.status !== 200) wrong.push(`${path} answers ${String(whole.status)} ${whole.text.slice(0, 200)}`)
      for (const name of schema.required as string[]) {
        const { [name]: _left, ...rest } = fresh(example)
        const { status } = await ask(rest)
        if (status < 400 || status >= 500) wrong.push(`${path} answers ${String(status)} without ${name}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it("describes text as text: a visitor's key is not a number", () => {
    const keys = operations().flatMap(({ operation }) =>
      operation.parameters.filter(({ name }: any) => name === 'sourceId').map(({ schema }: any) => schema.type),
    )
    expect(keys.length).toBeGreaterThan(10)
    expect(new Set(keys)).toEqual(new Set(['string']))
  })

  it('is shown as a page that names every path, without a script', async () => {
    const page = await api.ask('GET', '/api/docs', { token: null })
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page.text).not.toContain('<script')
    for (const path of Object.keys(document.paths)) expect(page.text).toContain(`<code>${path}</code>`)
    expect(page.text).toContain('Number of the conversation in its account')
    expect(page.text).toContain('open | resolved | pending | snoozed')
    expect(page.text).toContain('&#34;content&#34;: &#34;Your order is on its way&#34;')
  })
})
