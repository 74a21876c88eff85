// DNS lookups: of `doctor`, each one a question to a server; of the sender check, cached and limited for each mail. A
// lookup that fails for another reason than a name without records is trouble, never taken for an answer.

import { Resolver } from 'node:dns/promises'

/** As `dns.promises.resolve`: a TXT answer is a list of lists of strings. Throws with the code of node:dns. */
export type Resolve = (name: string, type: string) => Promise<unknown>

interface Answer {
  readonly until: number
  readonly records: Promise<unknown>
  readonly size: number
}

const keepMs = { records: 300_000, none: 60_000 }
/** About, with names and records as text: a stranger's answers are of 64 KB each. */
const maxCacheBytes = 8 * 1024 * 1024
const sizeOfEntry = 500

/** A resolver of the given servers, or of the system's when there are none. */
export function createResolver(servers: readonly string[]): Resolve {
  return withCache(createUncachedResolver(servers))
}

/** As `createResolver`; every lookup is a question to a server. */
export function createUncachedResolver(servers: readonly string[]): Resolve {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 })
  if (servers.length > 0) resolver.setServers([...servers])
  return (name, type) => resolver.resolve(name, type)
}

/** The same answers again for five minutes, "no records" for one; trouble is not kept. At most about 8 MB. */
export function withCache(resolve: Resolve): Resolve {
  const answers = new Map<string, Answer>()
  let total = 0
  const forget = (key: string): void => {
    total -= answers.get(key)?.size ?? 0
    answers.delete(key)
  }
  const keep = (key: string, answer: Answer): void => {
    forget(key)
    answers.set(key, answer)
    total += answer.size
    for (const oldest of answers.keys()) {
      if (total <= maxCacheBytes) break
      forget(oldest)
    }
  }
  return (name, type) => {
    const key = `${type} ${name.toLowerCase()}`
    const known = answers.get(key)
    if (known !== undefined && known.until > Date.now()) return known.records
    const records = resolve(name, type)
    const noted = (ms: number, size: number): void => {
      keep(key, { until: Date.now() + ms, records, size: sizeOfEntry + size })
    }
    noted(keepMs.records, 0)
    records.then(
      (found) => {
        noted(keepMs.records, JSON.stringify(found).length)
      },
      (error: unknown) => {
        if (isAbsence(error)) noted(keepMs.none, 0)
        else forget(key)
      },
    )
    return records
  }
}

/** Lookups that may take so long altogether; then there are no records. */
export function withDeadline(resolve: Resolve, timeoutMs: number): Resolve {
  const until = Date.now() + timeoutMs
  return async (name, type) => {
    const timer = { id: setTimeout(() => undefined, 0) }
    const late = new Promise((_, reject) => {
      timer.id = setTimeout(
        () => {
          reject(absence(`no answer for ${name} in time`))
        },
        Math.max(0, until - Date.now()),
      )
    })
    try {
      return await Promise.race([resolve(name, type), late])
    } finally {
      clearTimeout(timer.id)
    }
  }
}

/** Lookups for one mail: at most `most`; `hadTrouble` says whether any of them could not be answered. */
export function withLimit(resolve: Resolve, most: number): { resolve: Resolve; hadTrouble: () => boolean } {
  let count = 0
  let trouble = false
  const limited = async (name: string, type: string): Promise<unknown> => {
    // A sender chooses selectors: one that is no name is not worth a question, nor trouble.
    if (!isName(name)) throw absence('this cannot be the name of a record')
    if (++count > most) {
      trouble = true
      throw Object.assign(new Error('too many lookups for one mail'), { code: 'ETIMEOUT' })
    }
    try {
      return await resolve(name, type)
    } catch (error) {
      if (!isAbsence(error)) trouble = true
      throw error
    }
  }
  return { resolve: limited, hadTrouble: () => trouble }
}

/** A lookup failed because the name has no such records, does not exist, or cannot exist. Never throws. */
export function isAbsence(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return code === 'ENOTFOUND' || code === 'ENODATA' || code === 'EBADNAME'
}

const isName = (name: string): boolean => /^[!-[\]-~]{1,253}$/.test(name)

function absence(message: string): Error {
  return Object.assign(new Error(message), { code: 'ENOTFOUND' })
}
