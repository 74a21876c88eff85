// What can be counted of docs/develop/architecture.md, "Layers": sizes, opening comments, fixtures that say what they
// prove, nothing of a developer's machine. Length of functions, parameters, one class rule: eslint's.

import { describe, expect, test } from 'vitest'

import { read, trackedFiles } from './tree.ts'

const sources = trackedFiles('src', '.ts')
const linesOf = (file: string): number => read(file).trimEnd().split('\n').length

describe('files of src', () => {
  test('none has more than 300 lines', () => {
    expect(sources.filter((file) => linesOf(file) > 300)).toEqual([])
  })

  test('nine in ten have fewer than 200 lines', () => {
    expect(sources.filter((file) => linesOf(file) < 200).length).toBeGreaterThanOrEqual(sources.length * 0.9)
  })

  test('each opens with one to six lines that say what happens here', () => {
    expect(sources.filter((file) => !opensWithComment(read(file)))).toEqual([])
  })

  test('none has a generic name', () => {
    expect(sources.filter((file) => /\b(?:utils?|helpers?|common|manager|service|misc|index)\b/.test(file))).toEqual([])
  })
})

function opensWithComment(text: string): boolean {
  const lines = text.replace(/^#!.*\n/, '').split('\n')
  const end = lines.findIndex((line) => !line.startsWith('//'))
  return end >= 1 && end <= 6 && /\w{3}/.test(lines[0] ?? '')
}

describe('fixtures', () => {
  const fixtures = trackedFiles('fixtures')

  test('exist', () => {
    expect(fixtures.length).toBeGreaterThan(50)
  })

  test('each states what it proves', () => {
    expect(fixtures.filter((file) => !/^(?:X-Fixture-Proves: |# )\S+ \S+/m.test(read(file).slice(0, 400)))).toEqual([])
  })
})

describe('tracked files', () => {
  const texts = trackedFiles()
    .filter((file) => !/^fixtures\/|\.(?:png|ico|woff2)$/.test(file))
    .map((file) => ({ file, text: read(file) }))

  test('name no path of a machine and no host of a registry', () => {
    // Written so that this file does not name one either.
    const paths = new RegExp(['(?:^|[^\\w.~-])/(?:work|farm)' + '/', '/root' + '/', '/home/' + '[a-z]'].join('|'), 'm')
    const hosts = new RegExp(
      ['registry\\.' + '(?:npmjs|yarnpkg)', '(?:deb|security)\\.' + 'debian', 'pypi\\.' + 'org'].join('|'),
      'i',
    )
    expect(
      texts
        .filter(({ file, text }) => hosts.test(text) || (file !== 'package-lock.json' && paths.test(text)))
        .map(({ file }) => file),
    ).toEqual([])
  })

  test('disable no check and skip no test', () => {
    const weak = new RegExp(
      [
        '\\b(?:it|test|describe)\\.(?:only|todo)' + '\\(',
        '@ts-' + 'ignore',
        '@ts-' + 'nocheck',
        'eslint-' + 'disable',
      ].join('|'),
    )
    expect(
      texts.filter(({ file, text }) => /^(?:src|test|bench)\//.test(file) && weak.test(text)).map(({ file }) => file),
    ).toEqual([])
  })

  test('the lock file has one mailparser', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as { packages: Readonly<Record<string, unknown>> }
    expect(Object.keys(packages).filter((name) => name.endsWith('node_modules/mailparser'))).toEqual([
      'node_modules/mailparser',
    ])
  })

  test('the lock file names no registry', () => {
    expect(read('package-lock.json')).not.toContain('"resolved"')
  })

  test('fixtures keep their line ends', () => {
    expect(read('.gitattributes')).toMatch(/^fixtures\/\*\* -text$/m)
  })
})
