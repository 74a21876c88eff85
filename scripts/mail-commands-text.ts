// The table of docs/reference/mail-commands.md, made from the table of commands by mail. `npm run docs` writes it;
// test/house checks that it is current.

import { verbs } from '../src/mail/commands/verbs.ts'

/** Every command with its argument, who may give it, and what happens. */
export function mailCommandsText(): string {
  const rows = Object.entries(verbs).map(
    ([name, { takes, example, who, does }]) => `| \`#${name}\` | ${takes} | \`${example}\` | ${who} | ${does} |`,
  )
  return ['| command | takes | example | who | what happens |', '|---|---|---|---|---|', ...rows].join('\n')
}
