// Every way out of this installation under one function: which transport takes a mail, at which rate, and what happens
// when it is out of reach (docs/adr/0050). Each attempt uses one transport; the attempts are those of the work table.

import { setTimeout as sleep } from 'node:timers/promises'

import type { TransportSettings } from '../../contracts/transport-settings.ts'
import { toMailError } from '../../errors.ts'
import type { GuardedPost } from '../../http-client/guarded-post.ts'
import { type HandedOver, type OutgoingMail, refusalOf, type Route, type Send, TransportError } from '../transport.ts'
import { createMailgun } from './mailgun.ts'
import { createOutbox } from './outbox.ts'
import { createPace } from './pace.ts'
import { createPostmark } from './postmark.ts'
import { createResend } from './resend.ts'
import { createSendgrid } from './sendgrid.ts'
import { createSes } from './ses.ts'
import { createSmtp } from './smtp.ts'

/** What a transport has done since the start. */
export interface TransportCounts {
  /** Mails. */
  handedOver: number
  /** Mails that it refused, for now or for good, and failures to reach it. */
  refused: number
  /** Seconds that all attempts together took. */
  seconds: number
}

export interface Transports {
  readonly handOver: Route['handOver']
  /**
   * Through this transport and no other, also while it is out of reach. Throws `TransportError`, `unreached` if the
   * settings have none of that name.
   */
  readonly handOverThrough: (name: string, mail: OutgoingMail) => Promise<HandedOver>
  readonly send: Send
  readonly counts: () => Readonly<Record<string, TransportCounts>>
  readonly close: () => void
}

export interface TransportOptions {
  readonly settings: readonly TransportSettings[]
  /** For mail while there are no settings. */
  readonly outbox: string
  readonly post: GuardedPost
  /** TRANSPORT_FALLBACK_SECONDS in ms. */
  readonly fallbackMs: number
  /** Monotonic, in ms. */
  readonly now?: () => number
  /** Waits for a turn; default: a timer. */
  readonly wait?: (ms: number) => Promise<unknown>
}

interface Way {
  readonly name: string
  readonly route: Route
  readonly takeTurn: () => Promise<void>
  readonly counts: TransportCounts
  /** Since when nothing could be brought there; null: it can. */
  downSince: number | null
  /** The last attempt. */
  triedAt: number
}

const makers = {
  smtp: (settings: TransportSettings) => createSmtp(settings),
  mailgun: createMailgun,
  postmark: createPostmark,
  ses: createSes,
  sendgrid: createSendgrid,
  resend: createResend,
} as const

/** While a transport is down, one mail in this time tries it. */
const probeMs = 30_000
const maxPending = 10_000

/** One transport of the settings. Throws where a file that it names cannot be read. */
export function createRoute(settings: TransportSettings, post: GuardedPost): Route {
  return makers[settings.kind](settings, post)
}

/** All of them. */
export function createTransports(options: TransportOptions): Transports {
  const { now = () => performance.now(), wait = sleep } = options
  const ways = waysOf(options, { now, wait })
  // Mail without a life line (notices): which transport may have it.
  const pending = new Map<string, string>()

  const handOver = async (mail: OutgoingMail): Promise<HandedOver> => {
    const pendingAt = mail.pendingAt ?? pending.get(mail.messageId) ?? null
    const way = choose(
      ways,
      { preferred: mail.transport ?? null, pendingAt },
      { now: now(), fallbackMs: options.fallbackMs },
    )
    try {
      const handedOver = await attempt(way, mail)
      pending.delete(mail.messageId)
      return handedOver
    } catch (error) {
      const { kind, message, reach, server, retryAfterSeconds } = error as TransportError
      if (reach === 'unknown') {
        if (pending.size >= maxPending) pending.clear()
        pending.set(mail.messageId, way.name)
      }
      // What another transport than the chosen one refuses, the chosen one may take.
      if (kind !== 'forbidden' || way === preferredOf(ways, mail.transport ?? null)) throw error
      throw new TransportError('unavailable', message, {
        ...{ reach, transport: way.name, server, retryAfterSeconds },
        cause: error,
      })
    }
  }

  const attempt = async (way: Way, mail: OutgoingMail): Promise<HandedOver> => {
    await way.takeTurn()
    const startedAt = now()
    way.triedAt = startedAt
    try {
      const handedOver = await way.route.handOver(mail)
      way.downSince = null
      way.counts[handedOver.response === null ? 'refused' : 'handedOver']++
      return options.settings.length === 0 ? handedOver : { ...handedOver, transport: way.name }
    } catch (error) {
      throw noteFailure(way, error)
    } finally {
      way.counts.seconds += (now() - startedAt) / 1_000
    }
  }

  function noteFailure(way: Way, error: unknown): TransportError {
    way.counts.refused++
    const { kind, message, retryAfterSeconds } = toMailError(error)
    const reach = error instanceof TransportError ? error.reach : 'unknown'
    way.downSince = reach === 'unreached' ? (way.downSince ?? now()) : null
    return new TransportError(kind, message, {
      ...{ reach, transport: way.name, server: way.route.server, retryAfterSeconds },
      cause: error,
    })
  }

  return {
    handOver,
    handOverThrough: async (name, mail) => {
      const way = ways.find((one) => one.name === name)
      if (way === undefined)
        throw new TransportError('misconfigured', `the settings have no transport ${name}`, { reach: 'unreached' })
      return attempt(way, mail)
    },
    send: async (mail) => {
      const { response, refused } = await handOver(mail)
      if (response === null) throw refusalOf(refused)
    },
    counts: () => Object.fromEntries(ways.map(({ name, counts }) => [name, { ...counts }])),
    close: () => {
      for (const { route } of ways) route.close()
    },
  }
}

type Clock = Required<Pick<TransportOptions, 'now' | 'wait'>>

function waysOf({ settings, outbox, post }: TransportOptions, clock: Clock): readonly [Way, ...Way[]] {
  const made = settings.map((one) => wayOf(one.name, createRoute(one, post), createPace(one.intervalMs, clock)))
  const [first, ...others] = made
  return first === undefined ? [wayOf('outbox', createOutbox(outbox), createPace(0, clock))] : [first, ...others]
}

function wayOf(name: string, route: Route, takeTurn: Way['takeTurn']): Way {
  const counts = { handedOver: 0, refused: 0, seconds: 0 }
  return { name, route, takeTurn, counts, downSince: null, triedAt: Number.NEGATIVE_INFINITY }
}

interface Wanted {
  readonly preferred: string | null
  readonly pendingAt: string | null
}

function preferredOf(ways: readonly [Way, ...Way[]], name: string | null): Way {
  return ways.find((way) => way.name === name) ?? ways[0]
}

// The chosen one, the next that works while it has been down for long, or the one that may have the mail already.
function choose(
  ways: readonly [Way, ...Way[]],
  { preferred, pendingAt }: Wanted,
  { now, fallbackMs }: { readonly now: number; readonly fallbackMs: number },
): Way {
  const pending = ways.find((way) => way.name === pendingAt)
  if (pending !== undefined) return pending
  const first = preferredOf(ways, preferred)
  const isDown = (way: Way): boolean => way.downSince !== null && now - way.downSince >= fallbackMs
  if (!isDown(first)) return first
  const isProbe = now - first.triedAt >= probeMs
  return (isProbe ? undefined : ways.find((way) => way !== first && !isDown(way))) ?? first
}
