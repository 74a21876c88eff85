// What the documentation shows to type: shell that parses, commands, options and scripts that there are, settings
// that are read, events and metrics that are sent.

import { spawnSync } from 'node:child_process'

import { describe, expect, test } from 'vitest'

import { commands } from '../../src/cli/registry.ts'
import { settings } from '../../src/config.ts'
import { webhookEvents } from '../../src/contracts/event-names.ts'
import { channels } from '../../src/ingress/providers.ts'
import { blocksOf, pages } from '../support/pages.ts'
import { read } from './tree.ts'

const documentation = pages.filter((file) => file.startsWith('docs/') && !file.startsWith('docs/adr/'))
const blocks = [...documentation, 'README.md', 'CONTRIBUTING.md'].flatMap(blocksOf)
const shell = blocks.filter(({ language }) => language === 'sh')

test.each(shell)('$file: valid shell: $text', ({ text }) => {
  expect(spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' }).stderr).toBe('')
})

test.each(blocks.filter(({ language }) => language === 'json'))(
  '$file: valid JSON, complete or of one field',
  ({ text }) => {
    expect(() => JSON.parse(text.trimStart().startsWith('{') ? text : `{${text}}`) as unknown).not.toThrow()
  },
)

// `npx rethread inbound file 5 4 --send-as-agent`, in blocks, and in running text between backticks.
const calls = documentation.flatMap((file) =>
  [...read(file).matchAll(/(?:npx rethread|^rethread|^\$ npx rethread) ([a-z][^`|>\n)]*)/gm)].map((match) => ({
    file,
    call: (match[1] ?? '').trim(),
  })),
)

test('commands are shown', () => {
  expect(calls.length).toBeGreaterThan(80)
})

test.each(calls)('$file: rethread $call', ({ call }) => {
  const [name = '', word = '', ...rest] = call.split(/\s+/)
  const command = commands[name]
  expect(command).toBeDefined()
  const subcommands = command?.subcommands ?? {}
  const used = subcommands[word] ?? subcommands['']
  if (command?.isRaw === true || word === '' || word.startsWith('-')) return
  expect(used).toBeDefined()
  const options = [word, ...rest].flatMap((word) => /^--([a-z-]+)/.exec(word)?.[1] ?? [])
  expect(options.filter((option) => option !== 'help' && !(option in (used?.options ?? {})))).toEqual([])
})

test('the named scripts exist', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> }
  const named = [...documentation, 'CONTRIBUTING.md'].flatMap((file) =>
    [...read(file).matchAll(/npm run ([a-z:]+)/g)].map((match) => match[1] ?? ''),
  )
  expect(named.filter((name) => !(name in scripts))).toEqual([])
})

/** Read by programs other than the service. */
const foreign = new Set([
  'INGRESS_PASSWORD',
  'RELAY_URL',
  'RETHREAD_RELAY_ENV',
  'RETHREAD_NODE',
  'CLIENT_ADDRESS',
  'INBOUND_EMAIL_SERVICE',
  'MAILER_INBOUND_EMAIL_DOMAIN',
  'NODE_ENV',
  'WEBHOOK_SECRET',
  'TEST_DATABASE_URL',
  'TEST_REDIS_URL',
  'TEST_MTA_PACKAGES',
  'FETCH_HEAD',
])

test('the settings that are named are read', () => {
  const known = new Set([...Object.keys(settings), ...Object.keys(channels.settings), ...foreign])
  const named = [...documentation, 'README.md'].flatMap((file) =>
    [...read(file).matchAll(/(?:`|^)([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+)(?:`|=)/gm)].map(
      (match) => `${file}: ${match[1] ?? ''}`,
    ),
  )
  expect(named.length).toBeGreaterThan(100)
  expect(named.filter((line) => !known.has(line.split(': ')[1] ?? ''))).toEqual([])
})

describe('docs/reference/events.md', () => {
  const page = read('docs/reference/events.md')
  const section = page.slice(page.indexOf('## Webhook events'), page.indexOf('## All events'))

  test('has every event of webhooks, and no other', () => {
    const rows = [...section.matchAll(/^\| `([a-z_]+)` \|/gm)].map((match) => match[1] ?? '')
    expect(rows).toEqual([...webhookEvents, 'webhook_test'])
  })

  test('has every event of streams, and no other', () => {
    const streams = page.slice(page.indexOf('## Stream events'))
    const documented = new Set([...streams.matchAll(/`([a-z_]+(?:\.[a-z_]+)+)`/g)].map((match) => match[1]))
    const pushed = ['push-event', 'visitor-event'].flatMap((name) =>
      [...read(`src/api/present/${name}.ts`).matchAll(/\['[a-z_]+',\s*\['([a-z_.]+)'/g)].map((match) => match[1]),
    )
    expect([...documented].toSorted()).toEqual([...new Set(pushed)].toSorted())
  })
})
