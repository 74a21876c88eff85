// The cases of a folder for `npm run score`: mails with the result that is right, and texts of replies with checks.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

import { automations, type ParsedMail } from '../src/mail/parsed-mail.ts'
import { parseMail } from '../src/mail/parsing/parse.ts'
import { trimReply } from '../src/mail/reply-text/trim-reply.ts'

/** One expectation of a case: `wanted` is what the case says, `got` what Rethread says; equal when it is right. */
export interface Finding {
  readonly what: string
  readonly wanted: string
  readonly got: string
}

export interface ScoredCase {
  readonly name: string
  /** The family that the summary counts it in. */
  readonly kind: string
  readonly findings: readonly Finding[]
  /** CPU time of reading it, in ms. */
  readonly ms: number
}

interface Check {
  readonly t: 'eq' | 'has' | 'not' | 'starts'
  readonly v: string
}

/**
 * Reads and scores every case below a folder, in the order of names. A `.jsonl` line has `id`, `input` and `checks`; a
 * `.eml` has its fields in a `.json` of the same name, or the kind of mail as the first words of its name.
 */
export async function* scoreFolder(folder: string): AsyncGenerator<ScoredCase> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  for (const file of files) {
    if (file.endsWith('.jsonl')) yield* scoreLines(join(folder, file))
    else if (file.endsWith('.eml')) yield await scoreMail(folder, file)
  }
}

function* scoreLines(path: string): Generator<ScoredCase> {
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line.trim() === '') continue
    const { id, input, checks } = JSON.parse(line) as { id: string; input: string; checks: readonly Check[] }
    const start = process.cpuUsage()
    const words = trimReply(input)
    yield { name: id, kind: 'new words', findings: checks.map((check) => judge(check, words)), ms: since(start) }
  }
}

function judge({ t, v }: Check, words: string): Finding {
  const [got, value] = [fold(words), fold(v)]
  const isRight =
    (t === 'eq' && got === value) ||
    (t === 'has' && got.includes(value)) ||
    (t === 'not' && !got.includes(value)) ||
    (t === 'starts' && got.startsWith(value))
  return { what: t, wanted: v, got: isRight ? v : words }
}

async function scoreMail(folder: string, file: string): Promise<ScoredCase> {
  const path = join(folder, file)
  const raw = readFileSync(path)
  const start = process.cpuUsage()
  const mail = await parseMail(raw)
  const ms = since(start)
  const expectation = path.replace(/eml$/, 'json')
  if (existsSync(expectation)) {
    const wanted = JSON.parse(readFileSync(expectation, 'utf8')) as Record<string, unknown>
    return { name: file, kind: 'fields', findings: compareFields(mail, wanted), ms }
  }
  const kind = kindOf(basename(file))
  if (kind !== null) {
    const got = `${mail.automation} ${mail.automationEvidence}`.trim()
    const isRight = mail.automation === kind
    return {
      name: file,
      kind: `${kind} mail`,
      findings: [{ what: 'kind', wanted: kind, got: isRight ? kind : got }],
      ms,
    }
  }
  return { name: file, kind: 'readable', findings: [readable(mail)], ms }
}

/** "bounce-over-a-list.eml" says bounce; "ordinary-" is another word for person. */
function kindOf(name: string): string | null {
  if (name.startsWith('ordinary-')) return 'person'
  return automations.find((kind) => name.startsWith(`${kind}-`)) ?? null
}

function compareFields(mail: ParsedMail, wanted: Record<string, unknown>): Finding[] {
  const plain = { ...mail, attachments: mail.attachments.map(({ content: _content, ...rest }) => rest) }
  return Object.entries(wanted).map(([what, value]) => ({
    what,
    wanted: show(value),
    got: show(plain[what as keyof typeof plain]),
  }))
}

/** A mail without an expectation must have words or files, or say why it has none. */
function readable(mail: ParsedMail): Finding {
  const isEmpty = mail.text.trim() === '' && mail.attachments.length === 0 && mail.degraded === null
  return { what: 'content', wanted: 'words, files or a reason', got: isEmpty ? 'nothing' : 'words, files or a reason' }
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(sortKeys(value), null, 1) ?? 'undefined')
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]))
}

function fold(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

function since(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1_000
}
