// Help, made of the registry: all commands, one command, one sub-command with a line an option and an example.

import type { Command, Subcommand } from './command.ts'
import { commands } from './registry.ts'

/** All commands, one line each. */
export function generalHelp(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length)) + 2
  return [
    'Usage: rethread COMMAND [OPTIONS]',
    '',
    ...Object.entries(commands).map(([name, { does }]) => `  ${name.padEnd(width)}${does}`),
    '',
    '  rethread COMMAND --help     its sub-commands, options and an example',
    '  rethread --version',
    '',
    'All commands except serve, relay, parse, setup and database use the running service: RETHREAD_URL, RETHREAD_TOKEN',
    '(default: the service of this folder).',
  ].join('\n')
}

/** One command, or one of its sub-commands. */
export function commandHelp(name: string, command: Command, subcommand: string | null): string {
  const single = subcommand === null ? command.subcommands[''] : command.subcommands[subcommand]
  if (single !== undefined) return subcommandHelp(subcommand === null ? name : `${name} ${subcommand}`, single)
  const subcommands = Object.entries(command.subcommands)
  const width = Math.max(...subcommands.map(([one, { args }]) => `${one} ${args}`.length)) + 2
  return [
    `Usage: rethread ${name} ${subcommands.map(([one]) => one).join(' | ')}`,
    '',
    ...subcommands.map(([one, { args, does }]) => `  ${`${one} ${args}`.padEnd(width)}${does}`),
    '',
    `  rethread ${name} ${subcommands[0]?.[0] ?? ''} --help     its options and an example`,
  ].join('\n')
}

function subcommandHelp(name: string, { args, does, options = {}, example }: Subcommand): string {
  const lines = Object.entries(options).map(([option, { value, does: what }]) => ({
    left: `--${option}${value === undefined ? '' : ` ${value}`}`,
    what,
  }))
  const width = Math.max(0, ...lines.map(({ left }) => left.length)) + 2
  return [
    `Usage: rethread ${name}${args === '' ? '' : ` ${args}`}${lines.length === 0 ? '' : ' [OPTIONS]'}`,
    '',
    does,
    ...(lines.length === 0 ? [] : ['', ...lines.map(({ left, what }) => `  ${left.padEnd(width)}${what}`)]),
    '',
    `Example: rethread ${example}`,
  ].join('\n')
}
