// Every provider over real HTTP: each file of fixtures/ingress that is not the relay's; and the table of what each outcome is answered.

import { readdirSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { providers } from '../../../src/ingress/providers.ts'
import { playHttpFixture, readHttpFixture } from './http-support.ts'

const folder = new URL('../../../fixtures/ingress/', import.meta.url).pathname
const fixtures = readdirSync(folder).filter((file) => file.endsWith('.http') && !file.startsWith('relay')).sort().map((file) => readHttpFixture(`${folder}${file}`))

describe('requests of fixtures/ingress', () => {
  it.each(fixtures.map((fixture) => [fixture.title, fixture.file, fixture] as const))('%s (%s)', async (_title, _file, fixture) => {
    await playHttpFixture(fixture)
  })

  it.each(providers.map(({ service }) => service))('%s has one that is taken, one without credentials, one that is malformed, at least', (service) => {
    const its = fixtures.filter(({ file }) => file.startsWith(`${service}-`) || file === `${service}.http`)
    expect(its.length).toBeGreaterThanOrEqual(3)
    const answered = (status: number) => its.filter(({ sections }) => sections['answer']?.split('\n')[0] === String(status))
    expect(answered(200).filter(({ mails, notices }) => mails.length + notices.length > 0).length).toBeGreaterThanOrEqual(1)
    expect([...answered(401), ...answered(403)].length).toBeGreaterThanOrEqual(1)
  })
})
