#!/usr/bin/env node
// `rethread <command>`. Loads nothing but what the command needs: `relay` starts once per mail.

const [name, ...args] = process.argv.slice(2)
const isHelp = args.length === 1 && (args[0] === '--help' || args[0] === '-h')
if (name === 'relay' && !isHelp) {
  const { run } = await import('./cli/relay/relay.ts')
  process.exitCode = await run(args)
} else {
  const { main } = await import('./cli/main.ts')
  process.exitCode = await main(process.argv.slice(2))
}
