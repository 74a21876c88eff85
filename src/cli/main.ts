// Parses a command line: help, version, or a command whose arguments fit the registry. Commands are loaded lazily;
// arguments that do not fit are refused before anything runs.

import { createRequire } from 'node:module'
import { parseArgs } from 'node:util'

import type { Command, Subcommand } from './command.ts'
import { commandHelp, generalHelp } from './help.ts'
import { print, printError } from './print.ts'
import { commands } from './registry.ts'

/** EX_USAGE */
const wrongUsage = 64

/** Runs a command line; its exit status. */
export async function main([name = 'help', ...args]: readonly string[]): Promise<number> {
  if (name === '--version' || name === 'version') return say(versionLine())
  if (['help', '--help', '-h'].includes(name)) return help(args)
  const command = findCommand(name)
  if (command === null) return refuse(`There is no command "${name}".`, 'rethread --help')
  if (asksForHelp(command, args)) return help([name, ...args.filter((arg) => !arg.startsWith('-'))])
  return command.isRaw === true ? (await command.load()).run(args) : runSubcommand(name, command, args)
}

async function runSubcommand(name: string, command: Command, args: readonly string[]): Promise<number> {
  const subcommand = subcommandOf(command, args)
  if (subcommand === null) return refuse(noSubcommand(name, command, args), `rethread ${name} --help`)
  const mistake = findMistake(subcommand.spec, subcommand.rest)
  if (mistake !== null) return refuse(mistake, `rethread ${[name, subcommand.name].join(' ').trim()} --help`)
  const { confirm } = subcommand.spec
  const isYes = confirm !== undefined && subcommand.rest.includes('--yes')
  if (confirm !== undefined && !isYes && !(await isConfirmed(confirm))) return say('Nothing was done.')
  const rest = isYes ? subcommand.rest.filter((arg) => arg !== '--yes') : subcommand.rest
  return (await command.load()).run(subcommand.name === '' ? [...rest] : [subcommand.name, ...rest])
}

function findCommand(name: string): Command | null {
  return Object.hasOwn(commands, name) ? (commands[name] ?? null) : null
}

function say(text: string): number {
  print(text)
  return 0
}

function refuse(sentence: string, see: string): number {
  printError(`${sentence}\nSee: ${see}`)
  return wrongUsage
}

function versionLine(): string {
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }
  return `rethread ${version} (node ${process.versions.node})`
}

function help([name, subcommand]: readonly string[]): number {
  if (name === undefined) return say(generalHelp())
  const command = findCommand(name)
  if (command === null) return refuse(`There is no command "${name}".`, 'rethread --help')
  return say(
    commandHelp(
      name,
      command,
      subcommand !== undefined && Object.hasOwn(command.subcommands, subcommand) ? subcommand : null,
    ),
  )
}

// An MTA may hand relay any words: there, only the option alone asks for help.
function asksForHelp({ isRaw = false }: Command, args: readonly string[]): boolean {
  const end = args.indexOf('--')
  const asked = (end === -1 ? args : args.slice(0, end)).some((arg) => arg === '--help' || arg === '-h')
  return isRaw ? asked && args.length === 1 : asked
}

interface Chosen {
  readonly name: string
  readonly spec: Subcommand
  readonly rest: readonly string[]
}

function subcommandOf({ subcommands, hasDefault = false }: Command, args: readonly string[]): Chosen | null {
  const only = subcommands['']
  if (only !== undefined) return { name: '', spec: only, rest: args }
  const [name = ''] = args
  const spec = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined
  if (spec !== undefined) return { name, spec, rest: args.slice(1) }
  const [first] = Object.entries(subcommands)
  return hasDefault && first !== undefined && (name === '' || name.startsWith('-'))
    ? { name: first[0], spec: first[1], rest: args }
    : null
}

function noSubcommand(name: string, { subcommands }: Command, [given]: readonly string[]): string {
  const known = Object.keys(subcommands).join(', ')
  return given === undefined
    ? `rethread ${name} needs one of: ${known}.`
    : `There is no command "${name} ${given}"; known: ${known}.`
}

function findMistake({ args, options = {} }: Subcommand, given: readonly string[]): string | null {
  try {
    const { positionals } = parseArgs({
      args: [...given],
      allowPositionals: true,
      options: Object.fromEntries(
        Object.entries(options).map(([name, { value, multiple }]) => [
          name,
          { type: value === undefined ? 'boolean' : 'string', multiple: multiple === true } as const,
        ]),
      ),
    })
    return findArgumentMistake(args === '' ? [] : args.split(' '), positionals)
  } catch (error) {
    return `${(error instanceof Error ? error.message : String(error)).split('. ')[0] ?? ''}.`
  }
}

function findArgumentMistake(wanted: readonly string[], given: readonly string[]): string | null {
  const missing = wanted[given.length]
  if (missing !== undefined && !missing.startsWith('[')) return `${missing.replace('…', '')} is missing.`
  const extra = given[wanted.length]
  if (extra !== undefined && wanted.at(-1)?.endsWith('…') !== true) return `Unexpected argument "${extra}".`
  const wrong = given.find((value, index) => isId(wanted[index]) && !/^\d+$/.test(value))
  return wrong === undefined ? null : `"${wrong}" is not an id.`
}

function isId(name: string | undefined): boolean {
  return name !== undefined && ['ID', 'ACCOUNT', 'INBOX', '[CONVERSATION]'].includes(name)
}

// Programs, which have no terminal, are not asked.
async function isConfirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return true
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await lines.question(`${question} [y/N] `)
  lines.close()
  return /^y(es)?$/i.test(answer.trim())
}
