// The commands on the first lines of an agent's new words, and the words below them. A line is one when it begins with
// # and a letter; the first other line that is not empty ends them. Whether the agent may give commands at all is for
// routing to decide.

import { htmlToText } from '../html/to-text.ts'
import {
  type Command,
  type CommandProblem,
  type CommandReading,
  type CommandRequest,
  isRefusal,
  type Refusal,
} from './command.ts'
import { findConflicts } from './conflicts.ts'
import { isNear } from './near.ts'
import { verbs } from './verbs.ts'

/** More are no letter to a customer. */
const maxCommands = 50
/** Characters after the name of a command; a note may be longer. */
const maxGiven = 2_000
/** Lines of the HTML in which a broken line is looked for. */
const maxWhole = 4 * maxCommands
/** Lines that mail programs break are about as long. */
const wrapsFrom = 60
const wrapsAt = 70

/** What the words alone do not tell. */
export interface ReadOptions {
  /** Files that are no pictures of the text. */
  readonly hasFiles: boolean
  /** The HTML twin of the words, whose lines are not broken at a width. */
  readonly html: string | null
  /** The answer becomes a private note. */
  readonly isNote: boolean
}

/** Reads the new words of a mail. Never throws. */
export function readCommands(words: string, { hasFiles, html, isNote }: ReadOptions): CommandReading {
  const broken = words.replace(/\r\n?/g, '\n').split('\n')
  const asWritten = topOf(broken.map(cleanLine))
  const count = asWritten.filter((line) => line !== '').length
  if (count === 0) return { commands: [], problems: [], rest: words }
  if (count > maxWhole)
    return { commands: [], problems: [tooMany], rest: broken.slice(asWritten.length).join('\n').trim() }
  const whole = broken.some((line) => line.length >= wrapsFrom) ? wholeLines(html) : []
  const lines = joinBroken(broken, whole)
  const clean = lines.map(cleanLine)
  const top = topOf(clean)
  const rest = lines.slice(top.length).join('\n').trim()
  const given = top.flatMap((line, index) => readLine(line, whole.includes(line) ? '' : (clean[index + 1] ?? '')))
  if (given.length > maxCommands) return { commands: [], problems: [tooMany], rest }
  const commands = given.flatMap((one) => ('request' in one ? [one] : []))
  const problems = given.flatMap((one) => ('why' in one ? [one] : []))
  return {
    commands,
    problems: [...problems, ...findConflicts(commands, { hasAnswer: rest !== '' || hasFiles, isNote })],
    rest,
  }
}

function topOf(clean: readonly string[]): string[] {
  const end = clean.findIndex((line) => line !== '' && !isCommandLine(line))
  return end === -1 ? [...clean] : clean.slice(0, end)
}

function wholeLines(html: string | null): string[] {
  return html === null ? [] : htmlToText(html).text.split('\n').slice(0, maxWhole).map(cleanLine)
}

// A command whose line was broken in the text part is one line again, as in the HTML.
function joinBroken(lines: readonly string[], whole: readonly string[]): string[] {
  const joined: string[] = []
  for (const [index, line] of lines.entries()) {
    const before = joined.at(-1)
    const both = before === undefined ? '' : `${cleanLine(before)} ${cleanLine(line)}`
    const isLong = before !== undefined && before.length >= wrapsFrom && isCommandLine(cleanLine(before))
    if (isLong && cleanLine(line) !== '' && whole.some((one) => one.startsWith(both))) joined[joined.length - 1] = both
    else if (cleanLine(line) === '' || isCommandLine(cleanLine(line))) joined.push(line)
    else return [...joined, ...lines.slice(index)]
  }
  return joined
}

const invisible = /[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g
const hashes = /(?<!\S)[\uff03\ufe5f]/g

// As mail programs change what was typed: characters without width, spaces that do not break, hashes of full width.
function cleanLine(line: string): string {
  return line.replace(invisible, '').replace(/\s+/g, ' ').trim().replace(hashes, '#')
}

const isCommandLine = (line: string): boolean => /^#\p{L}/u.test(line)

const commandStart = /(?<!\S)#(\p{L}[\p{L}\p{N}_-]*)/gu

function readLine(line: string, next: string): (Command | CommandProblem)[] {
  if (isBroken(line, next)) return [named(line.replace(noteWords, '#note …'), brokenLine)]
  const starts = [...line.matchAll(commandStart)]
  const read: (Command | CommandProblem)[] = []
  for (const [position, start] of starts.slice(0, maxCommands + 1).entries()) {
    const verb = (start[1] ?? '').normalize('NFKC').toLowerCase()
    const after = start.index + start[0].length
    // The words of a note may hold anything, # too.
    const end = verb === 'note' ? line.length : (starts[position + 1]?.index ?? line.length)
    read.push(readOne(verb, line.slice(after, end).replace(/^:/, '').trim()))
    if (verb === 'note') break
  }
  return read
}

function readOne(verb: string, written: string): Command | CommandProblem {
  const known = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
  if (verb === 'note') return named(written === '' ? '#note' : '#note …', known?.read(written) ?? unknown(verb))
  if (written.length > maxGiven) return named(`#${verb}`, tooLong)
  const given = written
    .normalize('NFKC')
    .replace(/[\s,;]+$/, '')
    .replace(/^\.$/, '')
  return named(`#${verb} ${given}`, known?.read(given) ?? unknown(verb))
}

const noteWords = /(?<!\S)#note\b.*/i

// Of a note, what a mail program moved to the next line would go to the customer.
function isBroken(line: string, next: string): boolean {
  const [word = ''] = next.split(' ')
  const isFull = line.length >= wrapsFrom && line.length + 1 + word.length > wrapsAt
  return isFull && next !== '' && !isCommandLine(next)
}

const brokenLine: Refusal = {
  why: 'its line is so long that your mail program may have broken it, and it is unclear where it ends',
  instead: 'Write several short lines, each with its own command, and leave an empty line below them.',
}

function unknown(verb: string): Refusal {
  const near = Object.keys(verbs).find((name) => isNear(verb, name))
  return {
    why: `there is no command “${cut(verb)}”`,
    instead: near === undefined ? `Commands are ${listVerbs()}.` : `Did you mean #${near}?`,
  }
}

const listVerbs = (): string =>
  Object.keys(verbs)
    .map((name) => `#${name}`)
    .join(' ')

const tooMany: CommandProblem = {
  said: 'all commands',
  why: `a mail has at most ${String(maxCommands)}`,
  instead: 'Send fewer at a time.',
}

const tooLong: Refusal = { why: 'what follows it is too long', instead: 'Write less after it, or several commands.' }

function named(said: string, read: CommandRequest | Refusal): Command | CommandProblem {
  const line = cut(said.trim())
  return isRefusal(read) ? { said: line, why: cut(read.why), instead: read.instead } : { said: line, request: read }
}

const maxSaid = 200

function cut(text: string): string {
  return text.length <= maxSaid ? text : `${text.slice(0, maxSaid - 1).toWellFormed()}…`
}
