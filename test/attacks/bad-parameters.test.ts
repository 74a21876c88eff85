// Parameters that the database refuses (no uuid, a number out of range, bytes that are no text): the client's
// mistake, 4xx, on every route of the OpenAPI document and on the addresses that need no token.

import { afterAll, beforeAll, expect, test } from 'vitest'

import { createErrorHandler } from '../../src/api/error-handler.ts'
import { startApi, type TestApi } from '../support/api.ts'
import { describeWithDatabase } from '../support/database.ts'

const hostile = [
  '-'.repeat(36),
  '00000000-0000-0000-0000-00000000000',
  '99999999999999999999999999',
  '2147483648',
  '9223372036854775808',
  '-1',
  '1e400',
  'NaN',
  '%00',
  '%ff',
  '%F0%9F%98%80',
  "'",
  '0001-01-01',
]

describeWithDatabase('parameters that the database refuses', () => {
  let api: TestApi
  let routes: { method: string; path: string; query: string[]; fields: string[] }[]
  beforeAll(async () => {
    api = await startApi()
    const document = (await api.ask('GET', '/api/openapi.json', { token: null })).body
    routes = Object.entries<any>(document.paths).flatMap(([path, methods]) =>
      Object.entries<any>(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        query: operation.parameters.filter((one: any) => one.in === 'query').map((one: any) => String(one.name)),
        fields: Object.keys(Object.values<any>(operation.requestBody?.content ?? {})[0]?.schema?.properties ?? {}),
      })),
    )
  }, 120_000)
  afterAll(() => api.stop())

  test.each(hostile)(
    '%s in a path',
    async (value) => {
      const answers = await Promise.all([
        ...['/contact-exports/VALUE/contacts.csv', '/attachments/VALUE', '/attachments/VALUE/a.png'].map((path) =>
          ask('GET', path.replace('VALUE', value)),
        ),
      ])
      for (const { method, path } of routes.filter((route) => /\{(?!accountId)/.test(route.path))) {
        const filled = path.replace('{accountId}', String(api.accountId)).replace(/\{\w+\}/g, value)
        // A stream of events that is found does not end.
        if (!/events/.test(path)) answers.push(await ask(method, filled))
      }
      expect(answers.filter(({ status }) => status >= 500)).toEqual([])
    },
    120_000,
  )

  test.each(hostile)(
    '%s in a query and in fields',
    async (value) => {
      const answers = []
      for (const { method, path, query, fields } of routes) {
        if (/events/.test(path)) continue
        const filled = path.replace('{accountId}', String(api.accountId)).replace(/\{\w+\}/g, '1')
        const asked = `${filled}?${query.map((name) => `${encodeURIComponent(name)}=${value}`).join('&')}`
        const body = Object.fromEntries(fields.map((name) => [name, decoded(value)]))
        answers.push(await ask(method, asked, method === 'GET' || method === 'DELETE' ? undefined : body))
      }
      expect(answers.filter(({ status }) => status >= 500)).toEqual([])
    },
    240_000,
  )

  async function ask(method: string, path: string, json?: object): Promise<{ asked: string; status: number }> {
    const response = await fetch(`${api.origin}${path}`, {
      method,
      headers: {
        api_access_token: api.administrator.token,
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    })
    await response.arrayBuffer()
    return { asked: `${method} ${path}`, status: response.status }
  }
})

test.each([
  ['22P02', 422],
  ['22003', 422],
  ['22021', 422],
  ['P2023', 422],
  ['XX000', 500],
])('a fault %s of the database is answered %i', (code, wanted) => {
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  const answer = { status: 0, body: {} as object }
  const response = {
    headersSent: false,
    set: () => response,
    status: (status: number) => {
      answer.status = status
      return response
    },
    json: (body: object) => {
      answer.body = body
    },
  }
  const handle = createErrorHandler(log) as unknown as (...parts: unknown[]) => void
  handle(
    Object.assign(new Error('refused'), { code }),
    { method: 'GET', path: '/x', complete: true },
    response,
    () => undefined,
  )
  expect([answer.status, Object.keys(answer.body)]).toEqual([wanted, ['error']])
})

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
