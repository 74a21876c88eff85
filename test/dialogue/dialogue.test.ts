// Every script of fixtures/dialogue is a guarantee of the SMTP and LMTP listeners.

import { readdirSync } from 'node:fs'

import { beforeAll, describe, expect, it } from 'vitest'

import { createCertificate } from './certificate.ts'
import { playScript, readScript } from './script.ts'

const folder = new URL('../../fixtures/dialogue/', import.meta.url).pathname
const scripts = readdirSync(folder)
  .sort()
  .map((file) => readScript(`${folder}${file}`))

describe('dialogue scripts', () => {
  let certificate: Record<string, string> = {}
  beforeAll(() => {
    certificate = createCertificate()
  })

  it('are complete', () => {
    expect(scripts.length).toBeGreaterThan(30)
  })

  it.each(scripts.map((script) => [script.title, script.file, script] as const))(
    '%s (%s)',
    async (_title, file, script) => {
      await playScript(script, file.startsWith('starttls') ? certificate : {})
    },
  )
})
