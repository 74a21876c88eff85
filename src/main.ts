#!/usr/bin/env node
// `rethread <command>`. Loads nothing but what the command needs: `relay` starts once per mail.

import { commands, usage } from './cli/main.ts'

const [name = 'help', ...args] = process.argv.slice(2)
const command = commands[name]
if (command === undefined) {
  process.stderr.write(usage(name))
  process.exitCode = name === 'help' || name === '--help' || name === '-h' ? 0 : 64
} else {
  const { run } = await command.load()
  process.exitCode = await run(args)
}
