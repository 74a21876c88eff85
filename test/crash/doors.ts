// One mail by each way in, and what each way says: what clients see of a service whose surroundings fail.

import { readFile } from 'node:fs/promises'

import { freshWords, mail } from '../support/mail.ts'
import type { Service } from '../support/service.ts'

export interface Asked {
  readonly way: 'SMTP' | 'LMTP' | 'HTTP' | 'pipe'
  readonly raw: Buffer
  /** Null = it was not said yes. */
  readonly id: number | null
  /** The last reply, the status, the exit status. */
  readonly said: string
}

export interface Pen {
  readonly from: string
  readonly to: string
  /** Octets of the mail beside its words. */
  readonly size?: number
}

/** A mail with words of its own and `size` octets more. */
export function write({ from, to, size = 0 }: Pen): Buffer {
  const line = `${'x'.repeat(76)}\r\n`
  return mail({ From: from, To: to }, `${freshWords()}\r\n${line.repeat(Math.ceil(size / line.length))}`)
}

/** Over SMTP, LMTP, HTTP and `rethread relay`. Never throws: no answer is an answer. */
export async function askAll(service: Service, pen: Pen): Promise<Asked[]> {
  return Promise.all([
    overMail(service, 'smtp', pen),
    overMail(service, 'lmtp', pen),
    overHttp(service, pen),
    byPipe(service, pen),
  ])
}

async function overMail(service: Service, protocol: 'smtp' | 'lmtp', pen: Pen): Promise<Asked> {
  const raw = write(pen)
  const { recipients, data } = await service[protocol]({ from: pen.from, to: pen.to, raw })
  const said = data[0] ?? recipients[0] ?? ''
  return {
    way: protocol === 'smtp' ? 'SMTP' : 'LMTP',
    raw,
    said,
    id: idOf(/^250 2\.0\.0 Ok: accepted as (\d+)/.exec(said)?.[1]),
  }
}

async function overHttp(service: Service, pen: Pen): Promise<Asked> {
  const raw = write(pen)
  const { status, id } = await service.relay(raw, pen).catch(() => ({ status: 0, id: 0 }))
  return { way: 'HTTP', raw, said: String(status), id: status === 204 ? id : null }
}

async function byPipe(service: Service, pen: Pen): Promise<Asked> {
  const raw = write(pen)
  const { status } = await service.command(
    ['relay', '--url', `${service.url}/ingress/relay`, '--sender', pen.from, '--recipient', pen.to],
    raw,
  )
  return { way: 'pipe', raw, said: String(status), id: null }
}

function idOf(text: string | undefined): number | null {
  return text === undefined ? null : Number(text)
}

/** What a way may say of a fault that passes (docs/reference/codes.md); `said` of a yes is never one of these. */
const later = { SMTP: /^45[12] 4\.3\.[01] /, LMTP: /^45[12] 4\.3\.[01] /, HTTP: /^50[37]$/, pipe: /^75$/ } as const

/** Answers that are neither yes nor "later". */
export function findHarsh(asked: readonly Asked[]): string[] {
  return asked
    .filter(({ way, said, id }) => id === null && !later[way].test(said) && !(way === 'pipe' && said === '0'))
    .map(({ way, said }) => `${way}: ${said}`)
}

/** Whether each way has said "later". */
export function areAllDeferred(asked: readonly Asked[]): boolean {
  return asked.every(({ way, said }) => later[way].test(said))
}

/** Acknowledged mails that are not there, delivered and byte for byte. */
export async function findMissing(service: Service, asked: readonly Asked[]): Promise<string[]> {
  const missing: string[] = []
  for (const { way, raw, id } of asked) {
    if (id === null) continue
    const { status } = await service.settled(id, 60_000)
    const { bytes } = await service.api('GET', `/api/v1/inbound_emails/${String(id)}/raw`)
    if (status !== 'delivered' || !bytes.equals(raw))
      missing.push(`${way} ${String(id)}: ${status}, ${String(bytes.length)} of ${String(raw.length)} octets`)
  }
  return missing
}

/** Resident memory of the process, in MB. */
export async function residentMb(service: Service): Promise<number> {
  const text = await readFile(`/proc/${String(service.pid)}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1]) / 1024
}
