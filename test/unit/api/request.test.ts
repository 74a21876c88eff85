import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { clean } from '../../../src/api/input/clean.ts'
import {
  filledText,
  flag,
  idOf,
  list,
  object,
  objects,
  parseFields,
  recordId,
  text,
  unwrap,
} from '../../../src/api/input/fields.ts'
import { pageOf } from '../../../src/api/input/paging.ts'
import { nestParameters, parseParameters } from '../../../src/api/input/parameters.ts'

describe('parameters', () => {
  it.each([
    ['a=1&b=2', { a: '1', b: '2' }],
    ['labels[]=a&labels[]=b', { labels: ['a', 'b'] }],
    ['labels[0]=a&labels[1]=b', { labels: { 0: 'a', 1: 'b' } }],
    ['label[title]=x&label[color]=y', { label: { title: 'x', color: 'y' } }],
    ['a[b][c]=1', { a: { b: { c: '1' } } }],
    ['p[][k]=1&p[][v]=2&p[][k]=3', { p: [{ k: '1', v: '2' }, { k: '3' }] }],
    ['a=1&a[b]=2', { a: { b: '2' } }],
    ['a[=1&[b]=2', { 'a[': '1', '[b]': '2' }],
    ['q=a+b%20c', { q: 'a b c' }],
    ['', {}],
  ])('%s is nested as by Rack', (query, expected) => {
    expect(parseParameters(query, 100)).toEqual(expected)
  })

  it('no name reaches a prototype', () => {
    parseParameters('__proto__[polluted]=1&a[__proto__][polluted]=1&constructor[prototype][polluted]=1', 100)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('any pairs are accepted', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: fc.constantFrom('a', 'b', '[', ']', '0') }), fc.string())),
        (pairs) => typeof nestParameters(pairs, 1_000) === 'object',
      ),
    )
  })
})

describe('fields', () => {
  const shape = {
    content: text,
    source_id: filledText,
    contact_id: recordId,
    private: flag,
    labels: list,
    custom_attributes: object,
  }

  it.each([
    [{}, {}],
    [
      { content: 5, source_id: true, contact_id: '12', private: 'true' },
      { content: '5', source_id: 'true', contact_id: 12, private: true },
    ],
    [
      { content: '', source_id: ' ', contact_id: '', private: '', labels: '' },
      { content: '', labels: [] },
    ],
    [
      { content: null, source_id: null, contact_id: null, private: null, labels: null, custom_attributes: null },
      { content: null },
    ],
    [
      { contact_id: 'x', private: 'off', labels: 'one', custom_attributes: '{"a":1}' },
      { contact_id: 0, private: false, labels: ['one'], custom_attributes: { a: 1 } },
    ],
    [
      { contact_id: '99999999999', private: 0, labels: { 0: 'a', 1: 'b' }, custom_attributes: '' },
      { contact_id: 0, private: false, labels: ['a', 'b'] },
    ],
  ])('%j is read as intended', (given, expected) => {
    expect(
      Object.fromEntries(Object.entries(parseFields(shape, given)).filter(([, value]) => value !== undefined)),
    ).toEqual(expected)
  })

  it.each([
    [{ content: [] }, 'content must be text'],
    [{ source_id: {} }, 'source_id must be text'],
    [{ private: [] }, 'private must be true or false'],
    [{ labels: [[]] }, 'labels.0 must be text'],
    [{ custom_attributes: 'nonsense' }, 'custom_attributes must be an object'],
    [{ custom_attributes: [1] }, 'custom_attributes must be an object'],
  ])('%j is refused with the name of the field', (given, error) => {
    expect(() => parseFields(shape, given)).toThrow(expect.objectContaining({ body: { error } }) as Error)
  })

  it('fields are at the top level or under the name of their record', () => {
    expect(unwrap({ label: { title: 'x' }, page: 1 }, 'label')).toMatchObject({ title: 'x', page: 1 })
    expect(unwrap({ title: 'x', label: 'no record' }, 'label')).toMatchObject({ title: 'x' })
  })

  it('an id is a possible row id, or 0', () => {
    expect(
      ['1', 7, '2147483647', '2147483648', '-1', '1.5', '1e3', '', null, {}, 'abc', Number.NaN, ' 3 '].map(idOf),
    ).toEqual([1, 7, 2147483647, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3])
  })

  it("a page is at least 1 and within the database's range", () => {
    expect(
      [{ page: '3' }, { page: 0 }, { page: '-5' }, { page: 'x' }, { page: 1e300 }, {}, { page: ['2'] }].map(
        (fields) => pageOf(fields, 25).number,
      ),
    ).toEqual([3, 1, 1, 1, 1_000_000, 1, 1])
    expect(pageOf({ page: 3 }, 25)).toEqual({ number: 3, limit: 25, offset: 50 })
  })

  it('JSON in a field is made storable as well, with the same depth limit', () => {
    expect(
      parseFields(
        { custom_attributes: object, items: objects },
        { custom_attributes: '{"a\\u0000":["\\u0000b","\\ud800"]}', items: '[{"c":"\\u0000"}]' },
      ),
    ).toEqual({ custom_attributes: { a: ['b', '\ufffd'] }, items: [{ c: '' }] })
    expect(() => parseFields(shape, { custom_attributes: `${'{"a":'.repeat(100)}1${'}'.repeat(100)}` })).toThrow(
      expect.objectContaining({ body: { error: 'The request is nested too deeply' } }) as Error,
    )
  })

  it('text is made storable at any position', () => {
    expect(clean({ 'a\0': ['x\0', { b: '\ud800y' }], n: 1, nil: null })).toEqual({
      a: ['x', { b: '\ufffdy' }],
      n: 1,
      nil: null,
    })
  })
})
