// Every fixture is a mail written for this project with its expectation beside it; the first field of the fixture
// says what it proves.
import { readdirSync, readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import { parseMail } from '../../../src/mail/parsing/parse.ts'

for (const kind of ['inbound', 'dsn']) {
  const fixtures = new URL(`../../../fixtures/${kind}/`, import.meta.url)
  const golden = new URL(`../../golden/${kind}/`, import.meta.url)
  describe(kind, () => {
    for (const file of readdirSync(fixtures).filter((name) => name.endsWith('.eml'))) {
      const raw = readFileSync(new URL(file, fixtures))
      const proves = /^X-Fixture-Proves: ([^\r\n]+)/.exec(raw.toString('latin1'))?.[1] ?? ''
      test(`${file}: ${proves}`, async () => {
        expect(proves).not.toBe('')
        const expected = JSON.parse(readFileSync(new URL(file.replace(/eml$/, 'json'), golden), 'utf8')) as Record<
          string,
          unknown
        >
        const mail = await parseMail(raw)
        const plain = { ...mail, attachments: mail.attachments.map(({ content: _content, ...rest }) => rest) }
        for (const [key, value] of Object.entries(expected))
          expect({ [key]: plain[key as keyof typeof plain] }).toEqual({ [key]: value })
      })
    }
  })
}
