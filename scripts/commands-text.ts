// docs/reference/commands.md, made from the registry of commands: each command and sub-command with its help. `npm run
// docs` writes it, and test/house checks that it is current.

import { commandHelp, generalHelp } from '../src/cli/help.ts'
import { commands } from '../src/cli/registry.ts'

const block = (text: string): string => `\`\`\`text\n${text}\n\`\`\``

/** All of docs/reference/commands.md between its marks. */
export function commandsText(): string {
  const sections = Object.entries(commands).flatMap(([name, command]) => [
    `## ${name}`,
    block(commandHelp(name, command, null)),
    ...Object.keys(command.subcommands)
      .filter((subcommand) => subcommand !== '')
      .flatMap((subcommand) => [`### ${name} ${subcommand}`, block(commandHelp(name, command, subcommand))]),
  ])
  return [block(generalHelp()), ...sections].join('\n\n')
}
