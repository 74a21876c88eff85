// `.env.example` is the manual of src/config.ts and of the providers: every setting, in its order, with its default
// and a meaning.

import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { commandsText } from '../../scripts/commands-text.ts'
import { operationsText, settingsText, withGenerated } from '../../scripts/docs-text.ts'
import { readerOf, settings as ours } from '../../src/config.ts'
import { providers, channels } from '../../src/ingress/providers.ts'
import { read } from './tree.ts'

const settings = {
  ...ours,
  ...Object.fromEntries(Object.entries(channels.settings).map(([name, setting]) => [name, readerOf(setting)])),
} as Readonly<Record<string, z.ZodType>>
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
    const setting = settings[name]
    expect(value === '' && defaults[name] === undefined ? undefined : setting?.parse(value)).toEqual(defaults[name])
  })

  test.each(named)('$name has a meaning, alone or with those beside it', ({ before }) => {
    expect(before).toMatch(/^# \S+ \S+|^#[A-Z_]+=/)
  })

  test('changes nothing when it is copied as it is', () => {
    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([])
  })
})

test.each([
  ['.env.example', settingsText],
  ['docs/operations.md', operationsText],
  ['docs/commands.md', commandsText],
] as const)('%s says what the files say that it is generated from (`npm run docs`)', (file, text) => {
  expect(withGenerated(read(file), text())).toBe(read(file))
})

// Without it the provider is answered 401, and SendGrid and Brevo delete the mail.
test.each(providers.filter(({ basic }) => basic).map(({ title }) => title))(
  'docs/operations.md gives %s an address with the password in it',
  (title) => {
    const section = read('docs/operations.md')
      .split('\n### ')
      .find((text) => text.startsWith(title))
    expect(section).toContain('https://actionmailbox:PASSWORD@mail.example.com/ingress/')
  },
)
