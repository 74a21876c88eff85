import fc from 'fast-check'
import { expect, test } from 'vitest'

import { highlight } from '../../../src/conversations/search/highlight.ts'

const marked = (content: string, query: string) => {
  const { text, matches } = highlight(content, query)
  return matches.map(([start, end]) => text.slice(start, end))
}

test.each([
  ['Order 4711 has not arrived', 'order 47', ['Order', '4711']],
  ['ORDER order reorder', 'ord', ['ORDER', 'order']],
  ['Grüße aus der Straße', 'grusse strasse', ['Grüße', 'Straße']],
  ['Café, café', 'cafe', ['Café', 'café']],
  ['nothing here', 'order', []],
  ['a.b@x.example wrote', 'a.b@x', ['a', 'b', 'x']],
  ['', 'x', []],
])('in %j the words of %j are marked', (content, query, words) => {
  expect(marked(content, query)).toEqual(words)
})

test('the excerpt shows the first match, at any position', () => {
  const { text, matches } = highlight(`${'word '.repeat(400)}needle ${'tail '.repeat(400)}`, 'needle')
  expect(text.length).toBeLessThanOrEqual(240)
  expect(matches.map(([start, end]) => text.slice(start, end))).toEqual(['needle'])
  expect(text.startsWith('word')).toBe(true)
})

test('matches are within the excerpt, in order, and never overlap', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 600 }),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      (content, query) => {
        const { text, matches } = highlight(content, query)
        expect(content.includes(text)).toBe(true)
        let end = 0
        for (const [from, to] of matches) {
          expect(from >= end && to > from && to <= text.length).toBe(true)
          end = to
        }
      },
    ),
  )
})
