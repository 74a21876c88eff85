// docs/develop/glossary.md and the code say the same words: each code name that it lists exists in src, and no word
// that it bans is part of an identifier or file name there.

import { basename } from 'node:path'

import ts from 'typescript'
import { describe, expect, test } from 'vitest'

import { read, trackedFiles } from './tree.ts'

const sources = trackedFiles('src', '.ts')
const page = read('docs/develop/glossary.md')
const rows = page.split('\n').filter((line) => line.startsWith('| ') && !/^\| (?:term|---)/.test(line))
const terms = rows.flatMap((row) => codeIn(row.split(' | ')[0] ?? ''))
const banned = codeIn(page.slice(page.indexOf('## Banned words'))).filter((word) => word !== 'src')

function codeIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
}

function identifiersIn(file: string): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) found.push(node.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest))
  return found
}

const identifiers = new Set(sources.flatMap(identifiersIn))
const paths = new Set(sources.flatMap((file) => file.replace(/\.ts$/, '').split('/')))
const wordsOf = (name: string): string[] => name.split(/(?=[A-Z])|[-_]/).map((word) => word.toLowerCase())

describe('the glossary', () => {
  test('lists terms and banned words', () => {
    expect([terms.length > 40, banned.length > 10]).toEqual([true, true])
  })

  test.each(terms)('names %s, which is in the code', (term) => {
    expect(identifiers.has(term) || paths.has(term)).toBe(true)
  })

  test.each(banned)('bans %s, which is in no name of the code', (word) => {
    const names = [...identifiers, ...sources.map((file) => basename(file, '.ts')), ...paths]
    expect([...new Set(names.filter((name) => wordsOf(name).includes(word)))]).toEqual([])
  })
})
