// Lookups for `doctor --dns`, within one deadline. "There is no such record" is never confused with no answer.

import { isIPv6 } from 'node:net'

import { isAbsence, type Resolve } from '../../ingress/sender-check/resolver.ts'

export type Found<T> =
  | { readonly is: 'found'; readonly records: readonly T[] }
  | { readonly is: 'none' }
  /** It could not be looked up. */
  | { readonly is: 'unknown'; readonly why: string }

export interface Mx {
  readonly exchange: string
  readonly priority: number
}

export interface Lookups {
  readonly mx: (name: string) => Promise<Found<Mx>>
  readonly txt: (name: string) => Promise<Found<string>>
  /** IPv4 and IPv6 together. */
  readonly addresses: (host: string) => Promise<Found<string>>
  /** The names of an address (PTR). */
  readonly names: (address: string) => Promise<Found<string>>
}

/** Lookups that are all answered `timeoutMs` from now at the latest. None of them throws. */
export function createLookups(resolve: Resolve, timeoutMs: number): Lookups {
  const until = Date.now() + timeoutMs
  const ask = async <T>(name: string, type: string, read: (answer: unknown) => T[]): Promise<Found<T>> => {
    try {
      const records = read(await inTime(resolve(name, type), until))
      return records.length === 0 ? { is: 'none' } : { is: 'found', records }
    } catch (error) {
      return isAbsence(error) ? { is: 'none' } : { is: 'unknown', why: reasonOf(error) }
    }
  }
  const texts = (answer: unknown): string[] => (answer as string[]).map((name) => name.toLowerCase())
  return {
    mx: (name) =>
      ask(name, 'MX', (answer) =>
        (answer as Mx[])
          .map(({ exchange, priority }) => ({ exchange: exchange.toLowerCase(), priority }))
          .toSorted((one, other) => one.priority - other.priority),
      ),
    txt: (name) => ask(name, 'TXT', (answer) => (answer as string[][]).map((strings) => strings.join(''))),
    addresses: async (host) => {
      const both = await Promise.all([ask(host, 'A', texts), ask(host, 'AAAA', texts)])
      const records = both.flatMap((one) => (one.is === 'found' ? one.records : []))
      if (records.length > 0) return { is: 'found', records }
      return both.find(({ is }) => is === 'unknown') ?? { is: 'none' }
    },
    names: (address) => ask(reverseName(address), 'PTR', texts),
  }
}

/** `4.3.2.1.in-addr.arpa`, or the nibbles under ip6.arpa (RFC 3596 §2.5), of a valid address. Never throws. */
export function reverseName(address: string): string {
  if (!isIPv6(address)) return `${address.split('.').toReversed().join('.')}.in-addr.arpa`
  const [head = '', tail] = address.toLowerCase().split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const left = groups(head)
  const right = groups(tail ?? '')
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  const nibbles = [...left, ...zeros, ...right].map((group) => group.padStart(4, '0')).join('')
  return `${Array.from(nibbles).toReversed().join('.')}.ip6.arpa`
}

async function inTime<T>(action: Promise<T>, until: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => {
        reject(Object.assign(new Error('no answer in time'), { code: 'ETIMEOUT' }))
      },
      Math.max(0, until - Date.now()),
    )
  })
  return Promise.race([action, late]).finally(() => {
    clearTimeout(timer)
  })
}

const reasons: Readonly<Record<string, string>> = {
  ETIMEOUT: 'the DNS server does not answer',
  ECONNREFUSED: 'no DNS server can be reached',
  ESERVFAIL: 'the DNS server answers SERVFAIL',
  EREFUSED: 'the DNS server refuses the question',
}

function reasonOf(error: unknown): string {
  const { code = '', message = String(error) } = error as { code?: string; message?: string }
  return reasons[code] ?? message
}
