// Help, made of the registry: all commands, one command, one sub-command with a line an option and an example.

import type { Act, Command } from './command.ts'
import { commands } from './registry.ts'

/** All commands, one line each. */
export function generalHelp(): string {
  return [
    'Usage: rethread COMMAND [OPTIONS]',
    '',
    ...Object.entries(commands).map(([name, { does }]) => `  ${name.padEnd(10)}${does}`),
    '',
    '  rethread COMMAND --help     its sub-commands, options and an example',
    '  rethread --version',
    '',
    'All commands except serve, relay, parse, setup and database use the running service: RETHREAD_URL, RETHREAD_TOKEN',
    '(default: the service of this folder).',
  ].join('\n')
}

/** One command, or one of its sub-commands. */
export function commandHelp(name: string, command: Command, act: string | null): string {
  const single = act === null ? command.acts[''] : command.acts[act]
  if (single !== undefined) return actHelp(act === null ? name : `${name} ${act}`, single)
  const acts = Object.entries(command.acts)
  const width = Math.max(...acts.map(([one, { args }]) => `${one} ${args}`.length)) + 2
  return [
    `Usage: rethread ${name} ${acts.map(([one]) => one).join(' | ')}`,
    '',
    ...acts.map(([one, { args, does }]) => `  ${`${one} ${args}`.padEnd(width)}${does}`),
    '',
    `  rethread ${name} ${acts[0]?.[0] ?? ''} --help     its options and an example`,
  ].join('\n')
}

function actHelp(name: string, { args, does, options = {}, example }: Act): string {
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
