// `.env.example` is the manual of src/config.ts: every setting, in its order, with its default and a meaning.

import { z } from 'zod'
import { describe, expect, test } from 'vitest'

import { settings } from '../../src/config.ts'
import { read } from './tree.ts'

const lines = read('.env.example').split('\n')
const named = lines.flatMap((line, index) => {
  const found = /^#?([A-Z][A-Z0-9_]*)=(.*)$/.exec(line)
  return found === null ? [] : [{ name: found[1] ?? '', value: found[2] ?? '', before: lines[index - 1] ?? '' }]
})
const defaults: Readonly<Record<string, unknown>> = z.object(settings).parse({})

describe('.env.example', () => {
  test('lists every setting, and no other, in the order of config.ts', () => {
    expect(named.map(({ name }) => name)).toEqual(Object.keys(settings))
  })

  test.each(named)('$name=$value is its default', ({ name, value }) => {
    const setting = settings[name as keyof typeof settings]
    expect(value === '' && defaults[name] === undefined ? undefined : setting.parse(value)).toEqual(defaults[name])
  })

  test.each(named)('$name has a meaning, alone or with those beside it', ({ before }) => {
    expect(before).toMatch(/^# \S+ \S+|^#[A-Z_]+=/)
  })

  test('changes nothing when it is copied as it is', () => {
    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([])
  })
})
