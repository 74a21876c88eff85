// `npm run score`: what is right counts as right, what is wrong is shown beside what was wanted.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

const root = new URL('../../../', import.meta.url).pathname

function score(files: Record<string, string>): { status: number | null; output: string } {
  const folder = mkdtempSync(join(tmpdir(), 'score-'))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/tsx/dist/cli.mjs'), join(root, 'scripts/score.ts'), folder],
    { encoding: 'utf8' },
  )
  return { status, output: stdout + stderr }
}

const mail =
  'From: Ann <ann@customer.example>\nSubject: Re: Order\n\nYes, please.\n\nOn 3 June 2026 Bob wrote:\n> Is it?\n'
const reply = (v: string) => JSON.stringify({ id: 'one', input: 'Yes.\n\n> Is it?\n', checks: [{ t: 'eq', v }] })

test('a folder whose results are all right has exit status 0', () => {
  const { status, output } = score({
    'a.eml': mail,
    'a.json': '{"replyText": "Yes, please.", "subject": "Re: Order"}',
    'person-b.eml': mail,
    'c.jsonl': reply('Yes.'),
  })
  expect(status, output).toBe(0)
  expect(output).toContain('fields: 1 of 1 right (100.0 %)')
  expect(output).toContain('person mail: 1 of 1 right (100.0 %)')
  expect(output).toContain('new words: 1 of 1 right (100.0 %)')
})

test('a failure shows what was wanted beside what came out', () => {
  const { status, output } = score({ 'a.eml': mail, 'a.json': '{"replyText": "No."}', 'bounce-b.eml': mail })
  expect(status).toBe(1)
  expect(output).toMatch(/a\.eml: replyText\n {2}No\. +\| Yes, please\./)
  expect(output).toMatch(/bounce-b\.eml: kind\n {2}bounce +\| person/)
  expect(output).toContain('fields: 0 of 1 right (0.0 %)')
})
