// Rows as parameters of one statement (db/columns).

import { expect, test } from 'vitest'

import { columns } from '../../../src/db/columns.ts'

const people = columns({ id: 'int', name: 'text' })

test('text and values have one order, whatever the order within a row', () => {
  expect(people.from('p')).toBe('unnest($1::int[], $2::text[]) as p(id, name)')
  expect(
    people.values([
      { name: 'Anna', id: 1 },
      { id: 2, name: null },
    ]),
  ).toEqual([
    [1, 2],
    ['Anna', null],
  ])
})

test('a part of the columns keeps its parameters, and rows can be numbered', () => {
  expect(people.from('p', { only: ['name'], ordinality: 'position' })).toBe(
    'unnest($2::text[]) with ordinality as p(name, position)',
  )
})

test('columns can follow other parameters', () => {
  expect(columns({ id: 'int', name: 'text' }, 3).from('p')).toBe('unnest($3::int[], $4::text[]) as p(id, name)')
})
