// The sentences of outgoing mail: no language lacks one, and none loses a value.

import { describe, expect, test } from 'vitest'

import { en } from '../../../src/delivery/words/en.ts'
import { timeOf } from '../../../src/delivery/words/time-of.ts'
import { languages, wordsFor } from '../../../src/delivery/words/words.ts'

const placeholders = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort()

describe.each(Object.entries(languages))('the sentences in %s', (_language, texts) => {
  test('have every key, with the placeholders of English', () => {
    expect(Object.keys(texts).sort()).toEqual(Object.keys(en).sort())
    for (const [id, text] of Object.entries(texts))
      expect([id, placeholders(text)]).toEqual([id, placeholders(en[id as keyof typeof en])])
  })

  test('are not empty, and have no control characters', () => {
    for (const text of Object.values(texts)) expect(text).toMatch(/^[^\p{Cc}]+$/u)
  })
})

describe('the language of a mail', () => {
  test.each([
    [['de'], 'de'],
    [['pt_BR'], 'pt-BR'],
    [['pt'], 'pt-BR'],
    [['ja-JP'], 'ja'],
    [['DE-at'], 'de'],
    [[null, 'fr'], 'fr'],
    [['fi', 'es'], 'es'],
    [['es', 'de'], 'es'],
    [['fi', undefined], 'en'],
    [['{"x":1}'], 'en'],
  ])('of %j is %s', (locales, language) => {
    expect(wordsFor(...locales).language).toBe(language)
  })

  test('a value is put in once, as it is', () => {
    expect(wordsFor('en').say('from.via', { author: '{inbox}', inbox: '$& {author}' })).toBe('{inbox} via $& {author}')
  })
})

test('a moment has the time zone of the inbox; an unknown zone is UTC', () => {
  const at = new Date('2026-12-01T10:23:00Z')
  expect(timeOf(at, 'en', 'Europe/Berlin')).toMatch(/^1 December 2026 at 11:23 CET$/)
  expect(timeOf(at, 'de', 'Nowhere/Land')).toMatch(/^1\. Dezember 2026 um 10:23 UTC$/)
  expect(timeOf(at, 'ja', 'Asia/Tokyo')).toMatch(/^2026年12月1日 19:23 JST$/)
})
