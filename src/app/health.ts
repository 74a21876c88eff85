// The health of this process, as /ready, /metrics and doctor show it.

import type { Config } from '../config.ts'
import type { Database } from '../db/open.ts'
import { readCanaryHealth } from '../store/canaries/judged.ts'
import { readBalance, readWork } from '../store/health.ts'
import { readIgnoredMail } from '../store/ignored.ts'
import { adviseDns } from './dns/advise.ts'
import { examine } from './doctor/examine.ts'
import { examineDomains, examineRoute } from './doctor/route/examine-route.ts'
import { canaryTransportsOf } from './transports-of.ts'

export interface StatusDeps {
  readonly config: Config
  readonly database: Database
  readonly version: string
}

// Counting all mail takes longer the more there is, and the request is public: simultaneous requests share one count,
// and its result is reused for twenty times as long as it took.
function remember<T>(read: () => Promise<T>): () => Promise<T> {
  let known: { readonly value: T; readonly until: number } | null = null
  let reading: Promise<T> | null = null
  const readNow = async (): Promise<T> => {
    const start = performance.now()
    const value = await read()
    const end = performance.now()
    known = { value, until: end + 20 * (end - start) }
    return value
  }
  return () => {
    if (known !== null && performance.now() < known.until) return Promise.resolve(known.value)
    return (reading ??= readNow().finally(() => {
      reading = null
    }))
  }
}

/** An administrator of an account may ask all day, and choose whose servers are asked. */
const sharedMs = 10_000

// Each run asks servers of other people: the requests of ten seconds share one.
function shareByKey<Key, T>(run: (key: Key) => Promise<T>): (key: Key) => Promise<T> {
  const running = new Map<Key, Promise<T>>()
  return (key) => {
    const known = running.get(key)
    if (known !== undefined) return known
    const started = run(key)
    const forget = () => running.delete(key)
    started.then(() => setTimeout(forget, sharedMs).unref(), forget)
    running.set(key, started)
    return started
  }
}

export function createStatus({ config, database, version }: StatusDeps) {
  const { pool } = database
  const findDown = async (): Promise<string[]> => {
    try {
      await pool.query('select 1')
      return []
    } catch (error) {
      return [`database: ${error instanceof Error ? error.message : 'does not answer'}`]
    }
  }
  let slowPeers = 0
  const unknownMailEvents = new Map<string, number>()
  return {
    version,
    /** A client was cut off for its pace. */
    countSlowPeer: (): void => {
      slowPeers += 1
    },
    readSlowPeers: () => slowPeers,
    /** A provider reported on mail that is not ours. */
    countUnknownMailEvent: (service: string): void => {
      unknownMailEvents.set(service, (unknownMailEvents.get(service) ?? 0) + 1)
    },
    readUnknownMailEvents: () => Object.fromEntries(unknownMailEvents),
    services: config.RAILS_INBOUND_EMAIL_SERVICE,
    findDown,
    readBalance: remember(() => readBalance(pool)),
    readCanaries: remember(() => readCanaryHealth(pool, canaryTransportsOf(config))),
    readWork: remember(() => readWork(pool)),
    readIgnored: remember(async () => Object.fromEntries((await readIgnoredMail(pool)).reasons)),
    doctor: {
      examine: async ({ withDns }: { readonly withDns: boolean }) => [
        ...(await examine({ config, database })),
        ...(withDns ? await examineRoute({ config, database }) : []),
      ],
      examineAccount: shareByKey((accountId: number) => examineDomains({ config, database }, accountId)),
      adviseDns: (about: Parameters<typeof adviseDns>[1]) => adviseDns({ sql: pool, config }, about),
    },
  }
}
