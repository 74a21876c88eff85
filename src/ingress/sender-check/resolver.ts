// DNS lookups of the sender check: cached, and limited for each mail. A lookup that fails for another reason than a
// name without records is trouble, and trouble is never taken for an answer.

import { Resolver } from 'node:dns/promises'

/** As `dns.promises.resolve`: a TXT answer is a list of lists of strings. Throws with the code of node:dns. */
export type Resolve = (name: string, type: string) => Promise<unknown>

interface Answer {
  readonly until: number
  readonly records: Promise<unknown>
}

const keepMs = { records: 300_000, none: 60_000 }
const maxAnswers = 10_000
const maxNameLength = 255

/** A resolver of the given servers, or of the system's when there are none. */
export function createResolver(servers: readonly string[]): Resolve {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 })
  if (servers.length > 0) resolver.setServers([...servers])
  return withCache((name, type) => resolver.resolve(name, type))
}

/** The same answers again for five minutes, "no records" for one; trouble is not kept. At most 10,000 answers. */
export function withCache(resolve: Resolve): Resolve {
  const answers = new Map<string, Answer>()
  const keep = (key: string, answer: Answer): void => {
    answers.delete(key)
    answers.set(key, answer)
    const oldest = answers.keys().next()
    if (answers.size > maxAnswers && oldest.done !== true) answers.delete(oldest.value)
  }
  return (name, type) => {
    const key = `${type} ${name.toLowerCase()}`
    const known = answers.get(key)
    if (known !== undefined && known.until > Date.now()) return known.records
    const records = resolve(name, type)
    keep(key, { until: Date.now() + keepMs.records, records })
    records.catch((error: unknown) => {
      if (isAbsence(error)) keep(key, { until: Date.now() + keepMs.none, records })
      else answers.delete(key)
    })
    return records
  }
}

/** Lookups for one mail: at most `most`; `hadTrouble` says whether any of them could not be answered. */
export function withLimit(resolve: Resolve, most: number): { resolve: Resolve; hadTrouble: () => boolean } {
  let count = 0
  let trouble = false
  const limited = async (name: string, type: string): Promise<unknown> => {
    if (++count > most || name.length > maxNameLength) {
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

// The name exists without such records, or not at all, or cannot exist.
function isAbsence(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return code === 'ENOTFOUND' || code === 'ENODATA' || code === 'EBADNAME'
}
