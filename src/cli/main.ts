// The commands, one line each. None is loaded before it is asked for.

export interface Command {
  readonly does: string
  readonly load: () => Promise<{ readonly run: (args: string[]) => Promise<number> }>
}

export const commands: Readonly<Record<string, Command>> = {
  serve: { does: 'runs the service (what `npm start` does)', load: () => import('../start/serve.ts') },
  relay: { does: 'hands a mail on stdin to a running service; for an MTA’s pipe', load: () => import('./relay.ts') },
  parse: { does: 'FILE… | -   what is in a mail, one line of JSON each; needs no service', load: () => import('./parse.ts') },
  explain: { does: '[--sender S] [--recipient R] FILE | -   what would become of a mail, and why', load: () => import('./explain.ts') },
  inbound: { does: 'list | show | raw | replay | file | incinerate   accepted mail', load: () => import('./inbound.ts') },
  account: { does: 'list | create | show | set | enable-feature | disable-feature | add-agent | delete', load: () => import('./account.ts') },
  contacts: { does: 'import --account ID FILE.csv   contacts from a CSV, with the rows that were refused', load: () => import('./contacts.ts') },
  database: { does: 'copy --to URL   the embedded database to a PostgreSQL server; while the service is stopped', load: () => import('../start/database.ts') },
  setup: { does: 'SERVICE   the provider’s side of a way in: shown, done with --yes, or told step by step', load: () => import('./setup.ts') },
  doctor: { does: 'one line a check: ✓, or what to do', load: () => import('./doctor.ts') },
}

/** What is shown when there is no such command. */
export function usage(name: string): string {
  const lines = Object.entries(commands).map(([command, { does }]) => `  ${command.padEnd(9)}${does}`)
  const wrong = ['help', '--help', '-h'].includes(name) ? '' : `rethread: there is no command "${name}"\n\n`
  return `${wrong}Usage: rethread <command> [--json]\n\n${lines.join('\n')}\n\nCommands but serve, relay, parse and database talk to the running service: RETHREAD_URL, RETHREAD_TOKEN (default: the local one).\n`
}
