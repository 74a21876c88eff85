// `npm run docs`: writes what `.env.example` and docs/operations.md say of the providers of inbound mail, and
// docs/commands.md.

import { readFileSync, writeFileSync } from 'node:fs'

import { commandsText } from './commands-text.ts'
import { operationsText, settingsText, withGenerated } from './docs-text.ts'

for (const [file, text] of [
  ['.env.example', settingsText()],
  ['docs/operations.md', operationsText()],
  ['docs/commands.md', commandsText()],
] as const) {
  const path = new URL(`../${file}`, import.meta.url)
  writeFileSync(path, withGenerated(readFileSync(path, 'utf8'), text))
}
