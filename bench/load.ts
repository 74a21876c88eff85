// Clients that send as fast as they are answered, and what they saw.

import type { SendMail } from './clients.ts'
import { makeMail } from './mail.ts'

export interface Load {
  /** Names the mails: their ids begin with it. */
  readonly run: string
  readonly seconds: number
  readonly replyAddress: string
}

export interface Seen {
  readonly seconds: number
  /** Of each answer of that kind, ms, ascending. */
  readonly accepted: readonly number[]
  readonly deferred: readonly number[]
}

/** Each sender sends its next mail when the last is answered, until the time is over. */
export async function hammer(senders: readonly SendMail[], { run, seconds, replyAddress }: Load): Promise<Seen> {
  const latencies = { accepted: [] as number[], deferred: [] as number[] }
  const started = performance.now()
  const end = started + seconds * 1000
  let count = 0
  await Promise.all(
    senders.map(async (send) => {
      while (performance.now() < end) {
        const mail = makeMail(`${run}-${String(count++)}`, replyAddress)
        const before = performance.now()
        latencies[await send(mail)].push(performance.now() - before)
      }
    }),
  )
  const sorted = (values: number[]): number[] => values.sort((one, other) => one - other)
  return {
    seconds: (performance.now() - started) / 1000,
    accepted: sorted(latencies.accepted),
    deferred: sorted(latencies.deferred),
  }
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
