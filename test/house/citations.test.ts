// What the code cites: a document that is in this repository, and a heading that the document has. A citation is a
// path such as docs/develop/architecture.md, with a heading in quotation marks after a comma, or the number of a
// decision record.

import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { headingsOf } from '../support/pages.ts'
import { read, root, trackedFiles } from './tree.ts'

const files = ['src', 'test', 'bench', 'web', 'scripts', 'integrations', 'prisma', 'bin']
  .flatMap((folder) => trackedFiles(folder))
  .filter((file) => /\.(?:ts|tsx|mjs|cjs|js|css|sql|prisma|sh)$|^bin\//.test(file))
  .filter((file) => file !== 'test/house/citations.test.ts')
const records = trackedFiles('docs/adr', '.md')

interface Citation {
  readonly at: string
  readonly path: string
  readonly heading: string | null
}

// Comments break lines anywhere: they are read as one line of words.
function citationsOf(file: string): Citation[] {
  const text = read(file).replace(/\n\s*(?:\/\/\/?|\*|#|--) ?/g, ' ')
  const found = text.matchAll(
    /\b(docs\/[\w./-]+\.md|(?:README|CONTRIBUTING|CHANGELOG|SECURITY)\.md)(?:, "([^"\n]+)")?/g,
  )
  return [...found].map((match) => ({ at: file, path: match[1] ?? '', heading: match[2] ?? null }))
}

const citations = files.flatMap(citationsOf)

test('the code cites documents', () => {
  expect(citations.length).toBeGreaterThan(60)
})

test('every cited document exists', () => {
  expect(citations.filter(({ path }) => !existsSync(join(root, path)))).toEqual([])
})

test('every cited heading exists', () => {
  const wrong = citations.filter(
    ({ path, heading }) =>
      heading !== null && existsSync(join(root, path)) && !headingsOf(read(path)).includes(heading),
  )
  expect(wrong).toEqual([])
})

test('every cited decision record exists', () => {
  const numbers = files.flatMap((file) =>
    [...read(file).matchAll(/\bdocs\/adr\/(\d{4})|\bADR (\d+)\b/g)].map((match) => ({
      at: file,
      number: (match[1] ?? match[2] ?? '').padStart(4, '0'),
    })),
  )
  expect(numbers.filter(({ number }) => !records.some((file) => file.startsWith(`docs/adr/${number}-`)))).toEqual([])
})

describe('documents outside the repository', () => {
  // Written so that this file does not name one either.
  const foreign = new RegExp(
    ['\\bDESI' + 'GN\\b', '\\bCONTR' + 'ACT\\b', '(?<!-)\\bchatwoot' + '\\.md', '\\breference: ' + 'Chatwoot'].join(
      '|',
    ),
  )

  test('are not cited', () => {
    const texts = [...files, ...trackedFiles('docs', '.md'), 'README.md', '.env.example']
    expect(texts.filter((file) => foreign.test(read(file)))).toEqual([])
  })
})
