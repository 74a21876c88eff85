// `rethread relay`: what an MTA starts for one mail. Mail on stdin → POST to the relay ingress → one line on stdout
// and an exit status. Exit: 0 the mail is on stable storage | 75 again later, for everything unforeseen too | 65
// unusable | 77 not allowed; --mta qmail: 111, 100. The line begins with its RFC 3463 code, which Postfix reads
// before the exit status. Loads in milliseconds: node:http and nothing else.

import { realpathSync, writeSync } from 'node:fs'

import { readArguments } from './arguments.ts'
import { exitStatusFor, later, type Outcome } from './outcome.ts'
import { relayMail } from './post.ts'

/**
 * Relays the mail on stdin and answers the exit status, with which the caller ends; nothing keeps the process alive
 * after it. Never throws.
 */
export async function run(args: string[]): Promise<number> {
  bailOutOnFaults()
  const request = readArguments(args, process.env)
  const outcome = 'code' in request ? request : await relayMail(request)
  say(outcome)
  endSoon()
  return exitStatusFor(outcome, mtaOf(args))
}

// An open stdin, a pending name lookup or a server that does not answer must not keep the MTA waiting. The caller has
// set process.exitCode by then.
function endSoon(): void {
  setTimeout(() => process.exit(), 100).unref()
}

// Also for requests that could not be read.
function mtaOf(args: readonly string[]): string | null {
  return args.includes('--mta=qmail') || args.some((arg, i) => arg === '--mta' && args[i + 1] === 'qmail')
    ? 'qmail'
    : null
}

// Node's own exit status for a fault is 1, on which Postfix and Exim bounce.
function bailOutOnFaults(): void {
  const bail = (reason: string) => () => {
    say(later('4.3.0', reason))
    process.exit(75)
  }
  process.on('uncaughtException', bail('Unexpected error in rethread relay'))
  process.on('unhandledRejection', bail('Unexpected error in rethread relay'))
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, bail(`Stopped by ${signal}`))
}

function say({ code, text }: Outcome): void {
  try {
    writeSync(1, `${code} ${text}\n`)
  } catch {
    // The MTA ignores the output; the exit status carries the result.
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename)
  process.exit(await run(process.argv.slice(2)))
