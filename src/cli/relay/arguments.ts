// Reads the input of `rethread relay` from the MTA: Postfix by arguments, Exim and qmail by environment (their
// arguments would pass a shell, or are refused). A mistake here is a configuration mistake, so it is temporary (4.3.5):
// the mail waits until an administrator corrects it.

import { later, type Outcome, unusable } from './outcome.ts'

export interface RelayRequest {
  readonly url: URL
  readonly password: string
  readonly mta: string | null
  /** '' = the null reverse-path of bounces; null = the MTA did not say. */
  readonly sender: string | null
  readonly recipients: readonly string[]
  readonly queueId: string | null
  readonly clientAddress: string | null
  readonly timeoutMs: number
}

type Environment = Readonly<Record<string, string | undefined>>

const options = [
  'url',
  'mta',
  'sender',
  'recipient',
  'original-recipient',
  'queue-id',
  'client-address',
  'timeout',
] as const
type Option = (typeof options)[number]
type Given = Partial<Record<Option, string[]>>

/**
 * The request that arguments and environment describe, or an outcome with the error. Never
 * throws.
 */
export function readArguments(args: readonly string[], environment: Environment): RelayRequest | Outcome {
  const given = readOptions(args)
  if (typeof given === 'string') return later('4.3.5', given)
  const mta = last(given, 'mta')
  const timeoutMs = Number(last(given, 'timeout') ?? 50) * 1000
  const target = readTarget(given, environment)
  if (typeof target === 'string') return later('4.3.5', target)
  const mistake = mistakeIn(mta, timeoutMs)
  if (mistake !== null) return later('4.3.5', mistake)
  const envelope = readEnvelope(given, mta === 'exim' || mta === 'qmail' ? environment : {})
  if ('code' in envelope) return envelope
  const clientAddress = printable(last(given, 'client-address') ?? environment['CLIENT_ADDRESS'])
  return { ...target, ...envelope, mta, clientAddress, queueId: printable(last(given, 'queue-id')), timeoutMs }
}

function readTarget(given: Given, environment: Environment): Pick<RelayRequest, 'url' | 'password'> | string {
  const url = last(given, 'url') ?? environment['URL'] ?? ''
  const password = environment['INGRESS_PASSWORD'] ?? ''
  if (url === '' || password === '') return 'URL and INGRESS_PASSWORD are required'
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return 'URL must start with http:// or https://'
  return { url: withPath(url), password }
}

function mistakeIn(mta: string | null, timeoutMs: number): string | null {
  if (mta !== null && !['postfix', 'exim', 'qmail'].includes(mta)) return '--mta must be postfix, exim or qmail'
  return timeoutMs > 0 && timeoutMs <= 3_600_000 ? null : '--timeout must be a number of seconds, an hour at most'
}

function last(given: Given, option: Option): string | null {
  return given[option]?.at(-1) ?? null
}

// An option takes whatever follows it, dashes and emptiness included. What follows no option is a recipient: Postfix
// expands `--recipient ${recipient}` to one argument a recipient.
function readOptions(args: readonly string[]): Given | string {
  const given: Given = {}
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i] ?? ''
    const { option, inline } = readOption(arg)
    if (option === null) return `Unknown option ${arg.replace(/[^\w-].*$/s, '')}`
    const isNamed = arg.startsWith('-')
    const value = isNamed ? (inline ?? args[(i += 1)]) : arg
    if (value === undefined) return `--${option} needs a value`
    ;(given[option] ??= []).push(value)
  }
  return given
}

function readOption(arg: string): { option: Option | null; inline?: string | undefined } {
  if (!arg.startsWith('-')) return { option: 'recipient' }
  const [, name, inline] = /^--([a-z-]+)(?:=(.*))?$/s.exec(arg) ?? []
  return { option: options.find((known) => known === name) ?? null, inline }
}

function readEnvelope(given: Given, environment: Environment): Pick<RelayRequest, 'sender' | 'recipients'> | Outcome {
  const sender = last(given, 'sender') ?? environment['SENDER'] ?? null
  const recipients = [
    ...(given.recipient ?? [environment['RECIPIENT'] ?? '']),
    ...(given['original-recipient'] ?? []),
    virtualRecipient(environment),
  ]
  const all = recipients.filter((recipient) => recipient !== '')
  if (hasControls(sender ?? '')) return unusable('5.1.7', 'The sender address contains control characters')
  if (all.some(hasControls)) return unusable('5.1.3', 'A recipient address contains control characters')
  return { sender, recipients: [...new Set(all)] }
}

// qmail puts the user of a virtual domain before the local part of RECIPIENT; what `.qmail-…-default` matched is the
// part that was written.
function virtualRecipient({ DEFAULT, HOST }: Environment): string {
  return DEFAULT === undefined || HOST === undefined || DEFAULT === '' ? '' : `${DEFAULT}@${HOST}`
}

function hasControls(text: string): boolean {
  return /\p{Cc}/u.test(text)
}

function printable(text: string | null | undefined): string | null {
  return text != null && /^[\x21-\x7e]{1,300}$/.test(text) ? text : null
}

function withPath(text: string): URL {
  const url = new URL(text)
  if (url.pathname === '/') url.pathname = '/ingress/relay'
  return url
}
