// How the commands show accepted mail and the reasons why.

import type { StoredTraceEntry } from '../contracts/trace.ts'

type Verdicts = Readonly<Record<string, string | number | readonly string[] | null>>

export interface ShownMail {
  readonly id: number
  readonly status: string
  readonly reason: string | null
  readonly ingress: string
  readonly message_id: string | null
  readonly from: string | null
  readonly recipients: readonly { readonly address: string; readonly learned_from: string }[]
  readonly subject: string | null
  readonly size: number
  /** Epoch seconds. */
  readonly received_at: number
  readonly account_id: number | null
  readonly conversation_id: number | null
  readonly message_db_id: number | null
  readonly attempts: number
  /** Epoch seconds. */
  readonly incinerates_at?: number | null
  readonly synthesised?: boolean
  readonly verdicts?: Verdicts | null
  readonly trace?: readonly StoredTraceEntry[]
}

export const listHead = [
  '    id',
  'status'.padEnd(10),
  'reason'.padEnd(26),
  'received'.padEnd(16),
  'from'.padEnd(28),
  'subject',
].join('  ')

/** One line: id, state, reason, time (UTC), sender, subject. */
export function mailLine(mail: ShownMail): string {
  return [
    String(mail.id).padStart(6),
    mail.status.padEnd(10),
    (mail.reason ?? '').padEnd(26),
    new Date(mail.received_at * 1000).toISOString().slice(0, 16).replace('T', ' '),
    (mail.from ?? '-').padEnd(28),
    mail.subject ?? '',
  ].join('  ')
}

/** All that is known of one mail, the trace last. */
export function mailPage(mail: ShownMail): string {
  const at = new Date(mail.received_at * 1000).toISOString()
  const { from, subject, message_id, account_id, conversation_id, message_db_id } = mail
  return [
    `inbound email ${String(mail.id)}: ${mail.status}${mail.reason === null ? '' : ` (${mail.reason})`}`,
    `  from          ${shown(from)}`,
    '  recipients    ' +
      (mail.recipients.map(({ address, learned_from }) => `${address} (${learned_from})`).join(', ') || '-'),
    `  subject       ${shown(subject)}`,
    `  Message-ID    ${shown(message_id)}`,
    `  received      ${at} over ${mail.ingress}, ${String(mail.size)} bytes, attempts ${String(mail.attempts)}`,
    `  filed in      account ${shown(account_id)}, conversation ${shown(conversation_id)}, message ` +
      shown(message_db_id),
    ...(mail.synthesised === true ? ['  raw message   written by Rethread from the parts that the provider gave'] : []),
    ...(mail.verdicts ? [`  sender check  ${shownVerdicts(mail.verdicts)}`] : []),
    '',
    traceTable(mail.trace ?? []),
    ...nextSteps(mail),
  ].join('\n')
}

// The commands that a person chooses from when a mail is in no conversation. Without an author it can only be filed.
function nextSteps({ id, status, from }: ShownMail): string[] {
  const names = (commandsOfState[status] ?? []).filter((name) => name !== 'open' || from !== null)
  if (names.length === 0) return []
  const lines = names.map((name) => {
    const command = `rethread inbound ${name} ${String(id)}${name === 'file' ? ' CONVERSATION' : ''}`
    return `    ${command.padEnd(40)} ${effects[name]}`
  })
  return ['', '  What you can do:', ...lines]
}

const effects = {
  open: 'create a conversation for it',
  file: 'file it into a conversation',
  replay: 'process it again, when the cause is removed',
  discard: 'ignore it',
} as const

const commandsOfState: Readonly<Record<string, readonly (keyof typeof effects)[]>> = {
  held: ['file', 'open', 'replay', 'discard'],
  ignored: ['open', 'file'],
  failed: ['replay', 'discard'],
}

// `ses says spf pass, dmarc fail`: methods without a result are omitted.
function shownVerdicts({ by, ...said }: Verdicts): string {
  const words = Object.entries(said).filter(([, value]) => value !== null && String(value) !== '')
  const results = words.map(([name, value]) => `${name.replaceAll('_', ' ')} ${String(value)}`)
  return `${String(by)} says ${results.join(', ')}`
}

function shown(value: string | number | null): string {
  return value === null ? '-' : String(value)
}

/** The trace, step by step. */
export function traceTable(trace: readonly StoredTraceEntry[]): string {
  return trace
    .map(({ step, outcome, detail }) => `  ${step.padEnd(13)} ${outcome.padEnd(20)} ${detail ?? ''}`)
    .join('\n')
}
