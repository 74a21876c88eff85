// `.env.example` is the manual of src/config.ts and of the providers: every setting, in its order, with its default
// and a meaning.

import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { generatedFiles, generatedParts } from '../../scripts/docs-files.ts'
import { withGenerated } from '../../scripts/docs-text.ts'
import { readerOf, settings as ours } from '../../src/config.ts'
import { channels, providers } from '../../src/ingress/providers.ts'
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

  test.each(named)('$name has a description, alone or with its neighbours', ({ before }) => {
    expect(before).toMatch(/^# \S+ \S+|^#[A-Z_]+=/)
  })

  test('changes nothing when it is copied unchanged', () => {
    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([])
  })
})

test.each(generatedParts())('%s is generated from its sources (`npm run docs`)', (file, text) => {
  expect(withGenerated(read(file), text)).toBe(read(file))
})

test.each(generatedFiles())('%s is generated from its source (`npm run docs`)', (file, text) => {
  expect(read(file)).toBe(text)
})

// Without it the provider is answered 401, and SendGrid and Brevo delete the mail.
test.each(providers.filter(({ basic }) => basic).map(({ service }) => service))(
  'the page of %s has an address with the password in it',
  (service) => {
    expect(read(`docs/install/mail-in/providers/${service}.md`)).toContain(
      'https://actionmailbox:PASSWORD@mail.example.com/ingress/',
    )
  },
)
