// `doctor --dns`: is the key published with which a transport signs (RFC 6376 §3.6.1)?

import { isPublishedKey, type Signer } from '../../../delivery/transports/dkim.ts'
import { adviseKey } from '../../dns/advice.ts'
import type { Lookups } from '../../dns/lookups.ts'
import { fail, type Finding, look, pass } from '../finding.ts'
import { notLookedUp } from './not-looked-up.ts'

/** Compares the record under its selector with its private key. Never throws. */
export async function examineKey(signer: Signer, lookups: Lookups): Promise<Finding> {
  const { name } = adviseKey(signer)
  const found = await lookups.txt(name)
  if (found.is === 'unknown') return notLookedUp(`the DKIM key ${name}`, found.why)
  if (found.is === 'none')
    return fail(`the transport ${signer.transport} signs, and its key ${name} is not published: no signature counts.`, [
      adviseKey(signer),
    ])
  if (found.records.length > 1)
    return fail(`${name} has several records: which of them counts is undefined (RFC 6376 §3.6.2.2). Keep one.`, [
      adviseKey(signer),
    ])
  return judge(signer, name, readTags(found.records[0] ?? ''))
}

// tag=value pairs between semicolons; white space in values does not count (RFC 6376 §3.2).
function readTags(record: string): ReadonlyMap<string, string> {
  return new Map(
    record.split(';').flatMap((pair): [string, string][] => {
      const at = pair.indexOf('=')
      return at < 0 ? [] : [[pair.slice(0, at).trim(), pair.slice(at + 1).replace(/\s+/g, '')]]
    }),
  )
}

function judge(signer: Signer, name: string, tags: ReadonlyMap<string, string>): Finding {
  const record = [adviseKey(signer)]
  const fault = findFault(signer, tags)
  if (fault !== null) return fail(`${name} ${fault}`, record)
  return wordsOf(tags, 't').includes('y')
    ? look(`${name} is the key of the transport ${signer.transport}, in test mode (t=y): remove it`, record)
    : pass(`${name} is the key of the transport ${signer.transport}`)
}

function findFault(signer: Signer, tags: ReadonlyMap<string, string>): string | null {
  const published = tags.get('p') ?? ''
  if (published === '') return 'is revoked (an empty p=): no signature counts.'
  if ((tags.get('k') ?? 'rsa') !== 'rsa' || !isPublishedKey(signer, published))
    return `publishes another key than dkim_key of the transport ${signer.transport}: every signature fails.`
  if ((tags.get('v') ?? 'DKIM1') !== 'DKIM1') return 'is not a record of DKIM (v=DKIM1).'
  if (!mayBe(wordsOf(tags, 'h'), ['sha256']))
    return 'does not allow SHA-256 (h=), with which Rethread signs: every signature fails.'
  return mayBe(wordsOf(tags, 's'), ['*', 'email']) ? null : 'is not for mail (s=): every signature fails.'
}

function wordsOf(tags: ReadonlyMap<string, string>, tag: string): string[] {
  return (tags.get(tag) ?? '').split(':').filter((word) => word !== '')
}

function mayBe(given: readonly string[], wanted: readonly string[]): boolean {
  return given.length === 0 || given.some((word) => wanted.includes(word))
}
