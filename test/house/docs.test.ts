// The documents say what is there: links lead somewhere, the closed lists are explained in full, each promise has its
// test.

import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { commands } from '../../src/cli/registry.ts'
import { reasons } from '../../src/contracts/decision.ts'
import { errorTable } from '../../src/errors.ts'
import { logEvents } from '../../src/log.ts'
import { automations } from '../../src/mail/parsed-mail.ts'
import { anchorsOf, linksOf, pages, targetOf } from '../support/pages.ts'
import { read, root, trackedFiles } from './tree.ts'

const readme = read('README.md')
const wordsOf = (file: string): number =>
  read(file)
    .split(/\s+/)
    .filter((word) => word !== '').length

describe.each(pages)('%s', (file) => {
  const links = linksOf(file)

  test('links to existing files', () => {
    expect(links.filter((link) => !existsSync(join(root, targetOf(file, link))))).toEqual([])
  })

  test('links to existing headings', () => {
    const broken = links
      .filter((link) => link.includes('#') && existsSync(join(root, targetOf(file, link))))
      .filter((link) => !anchorsOf(read(targetOf(file, link))).includes(link.split('#')[1] ?? ''))
    expect(broken).toEqual([])
  })
})

test('docs/adr/README.md lists every decision record', () => {
  const listed = linksOf('docs/adr/README.md').map((link) => targetOf('docs/adr/README.md', link))
  expect(trackedFiles('docs/adr', '.md').filter((file) => /\/\d{4}-/.test(file) && !listed.includes(file))).toEqual([])
})

test('README has at most 1,050 words', () => {
  expect(wordsOf('README.md')).toBeLessThanOrEqual(1050)
})

const guides = pages.filter((file) => /^docs\/(?:guides|install|operate|quickstart|concepts)/.test(file))

test.each(guides.filter((file) => /^docs\/(?:guides|install)\//.test(file) && !file.includes('/providers/')))(
  '%s says its goal first',
  (file) => {
    expect(read(file)).toMatch(/^# .+\n\nGoal: /)
  },
)

test.each(guides)('%s has at most 1,000 words', (file) => {
  expect(wordsOf(file)).toBeLessThanOrEqual(1000)
})

test.each(pages.filter((file) => /^docs\/(?!adr\/\d|README)/.test(file)))('%s is linked from another page', (file) => {
  const isLinked = pages.some(
    (other) => other !== file && linksOf(other).some((link) => targetOf(other, link) === file),
  )
  expect(isLinked).toBe(true)
})

// `src/app/app.ts` anywhere; in mail-flow.md, whose paths begin below src/, `store/accept.ts` too.
test.each(pages.filter((file) => file.startsWith('docs/develop/') || file === 'CONTRIBUTING.md'))(
  '%s names existing files',
  (file) => {
    const base = file.endsWith('mail-flow.md') ? 'src' : ''
    const named = [...read(file).matchAll(/`((?:[\w.-]+\/)+(?:[\w-]+\.\w+)?)`/g)].map((match) => match[1] ?? '')
    const made = named.filter((path) => !existsSync(join(root, base, path)) && !existsSync(join(root, path)))
    expect(made).toEqual([])
  },
)

describe('README', () => {
  test.each(['npm ci && npm start', 'npm ci && npm test'])('shows %s', (command) => {
    expect(readme).toContain(`\n${command} `)
  })

  test('names every command, and the page of commands has each', () => {
    const named = readme.slice(readme.indexOf('The commands '))
    expect(Object.keys(commands).filter((name) => name !== 'serve' && !named.includes(`\`${name}\``))).toEqual([])
    const page = read('docs/reference/commands.md')
    expect(Object.keys(commands).filter((name) => !page.includes(`\n## ${name}\n`))).toEqual([])
  })

  test('names only existing scripts', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> }
    const named = [...readme.matchAll(/npm (?:run )?([a-z:]+)/g)]
      .map((match) => match[1] ?? '')
      .filter((name) => name !== 'ci')
    expect(named.filter((name) => !(name in scripts))).toEqual([])
  })
})

// A long title is written as a sum of strings.
const withoutBreaks = (source: string): string => source.replaceAll(/' \+\s+'/g, '')

describe('a guarantee has its test', () => {
  const guarantees = read('docs/develop/guarantees.md')
  const rows = guarantees.matchAll(/^\| .+ \| \[[\w.-]+\]\(\.\.\/\.\.\/(test\/[\w./-]+)\) \| (.+) \|$/gm)
  const promises = [...rows].map((match) => ({
    file: match[1] ?? '',
    title: (match[2] ?? '').replaceAll('\\`', '`'),
  }))

  test('and there are at least fifty', () => {
    expect(promises.length).toBeGreaterThan(50)
  })

  test.each(promises)('$file: $title', ({ file, title }) => {
    expect(existsSync(join(root, file)) && straight(withoutBreaks(read(file))).includes(straight(title))).toBe(true)
  })
})

// As one line, whichever quotation marks the formatter chose.
function straight(text: string): string {
  return text
    .replace(/['"`]\s*\+\s*['"`]/g, '')
    .replaceAll('’', "'")
    .replaceAll("\\'", "'")
}

describe('docs/reference/decisions.md explains', () => {
  const decisions = read('docs/reference/decisions.md')
  const trace = decisions.slice(decisions.indexOf('## Reasons'))

  test.each(Object.values(reasons).flat())('the reason %s', (reason) => {
    expect(decisions).toContain(`| \`${reason}\` |`)
  })

  test('no unknown reason', () => {
    const documented = [...decisions.slice(0, decisions.indexOf('## Trace')).matchAll(/^\| `([a-z-]+)` \|/gm)]
      .map((match) => match[1])
      .filter((word) => !['pending', 'processing', 'delivered', 'held', 'ignored', 'failed'].includes(word ?? ''))
    expect(documented.filter((reason) => !(Object.values(reasons).flat() as unknown[]).includes(reason))).toEqual([])
  })

  test.each(automations)('the automation %s', (automation) => {
    expect(trace).toContain(`\`${automation}\``)
  })

  test('every step and every outcome of a trace that routing writes', () => {
    const written = trackedFiles('src/routing', '.ts')
      .map(read)
      .join('\n')
      .matchAll(/(?:step|outcome): (?:\w+[^,'\n]*\? )?'([a-z-]+)'(?: : '([a-z-]+)')?/g)
    const words = [...written].flatMap((match) => [match[1], match[2]]).filter((word) => word !== undefined)
    expect(words.length).toBeGreaterThan(20)
    expect(words.filter((word) => !trace.includes(`\`${word}\``))).toEqual([])
  })
})

describe('docs/reference/log-events.md explains', () => {
  const page = read('docs/reference/log-events.md')

  test('no unknown log event', () => {
    const rows = [...page.matchAll(/^\| (`[^|]+) \|/gm)].flatMap((match) =>
      [...(match[1] ?? '').matchAll(/`([a-z-]+)`/g)].map((word) => word[1]),
    )
    expect(rows.filter((event) => !(logEvents as readonly unknown[]).includes(event))).toEqual([])
  })

  test.each(logEvents)('the log event %s', (event) => {
    expect(page).toContain(`\`${event}\``)
  })
})

test.each(Object.entries(errorTable))(
  'docs/reference/codes.md has the row of %s with its numbers',
  (kind, { http, smtp, enhanced, exit, retry }) => {
    const row = read('docs/reference/codes.md')
      .split('\n')
      .find((line) => line.startsWith(`| \`${kind}\` |`))
    expect(
      row
        ?.replaceAll('*', '')
        .split('|')
        .slice(2, 7)
        .map((cell) => cell.trim()),
    ).toEqual([retry ? 'yes' : 'no', String(http), String(smtp), enhanced, String(exit)])
  },
)
