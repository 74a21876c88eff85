// The two lists of API resources (architecture.md, Add an API resource) belong together: the ledger holds the domain
// functions, src/api/resources.ts the routes. A route without its ledger entry does not compile; the rest is checked
// here.

import { describe, expect, test } from 'vitest'

import { read, trackedFiles } from './tree.ts'

const api = trackedFiles('src/api', '.ts').map((file) => ({ file, text: read(file) }))
const resources = 'src/api/resources.ts'
const list = read(resources).split('const resources')[1] ?? ''

/** The entries of the object that `createLedger` returns. */
const entriesOf = (ledger: string): string[] =>
  [...(ledger.split('\n  return {\n')[1] ?? '').matchAll(/^ {4}(\w+)[:,]/gm)].map(([, name]) => name ?? '')

/** True if a file asks for the entry: `Pick<Ledger, 'teams'>` or `ledger.teams`. */
const isRead = (entry: string): boolean =>
  api.some(({ text }) => new RegExp(String.raw`Pick<Ledger,[^>]*'${entry}'|\bledger\.${entry}\b`).test(text))

const routesIn = (text: string): string[] =>
  [...text.matchAll(/^export function (\w+Routes)\(/gm)].map(([, name]) => name ?? '')

/** The entries of the list `resources`, and routes that another file composes. */
const isMounted = (name: string, from: string): boolean => {
  const use = new RegExp(String.raw`(?<!import .*)\b${name}\b`)
  return use.test(list) || api.some(({ file, text }) => file !== from && file !== resources && use.test(text))
}

describe('the lists of API resources', () => {
  test('every entry of the ledger is read by a route', () => {
    const entries = entriesOf(read('src/ledger.ts'))
    expect(entries).toContain('messages')
    expect(entries.filter((entry) => !isRead(entry))).toEqual([])
    expect(isRead('neverDeclared')).toBe(false)
  })

  test('every file of routes is in resources.ts', () => {
    const made = api.flatMap(({ file, text }) => routesIn(text).map((name) => ({ name, file })))
    expect(made.map(({ name }) => name)).toContain('teamRoutes')
    expect(made.filter(({ name, file }) => !isMounted(name, file))).toEqual([])
    expect(isMounted('neverDeclaredRoutes', '')).toBe(false)
  })
})
