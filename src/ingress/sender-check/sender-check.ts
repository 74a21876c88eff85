// Our own check of a sender where Rethread is the first server: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489) and
// ARC (RFC 8617), by mailauth. docs/adr/0047 says what counts.

import { Readable } from 'node:stream'

import { arc, type DKIMResult, dkimVerify, type DKIMVerifyResult, dmarc, spf } from 'mailauth'

import { domainOf } from '../../mail/authentication/alignment.ts'
import { parseAuthenticationResults } from '../../mail/authentication/results.ts'
import type { Envelope, ProviderVerdicts } from '../../mail/envelope.ts'
import { splitHead } from '../../mail/header/split-head.ts'
import type { HeaderField } from '../../mail/parsed-mail.ts'
import { type Resolve, withLimit } from './resolver.ts'

export interface CheckedMail {
  readonly raw: Buffer
  readonly envelope: Envelope
  /** IP address of the client that sent it to us, or to our relay. */
  readonly address: string
  readonly helo: string | null
}

export interface SenderCheckOptions {
  readonly resolve: Resolve
  /** Our host name, as SPF macros may ask for it. */
  readonly host: string
  /** Domains whose ARC seal replaces a DMARC failure; in lower case. */
  readonly arcSealers: readonly string[]
  readonly timeoutMs?: number
}

export type CheckSender = (mail: CheckedMail) => Promise<ProviderVerdicts>

const by = 'our own check'
const maxSignatures = 8
const maxLookups = 60
const chunkBytes = 64 * 1024

/**
 * Checks one mail. What cannot be looked up in time is `temperror`, and vouches for nothing. Never throws.
 */
export function createSenderCheck({ timeoutMs = 8_000, ...options }: SenderCheckOptions): CheckSender {
  return async (mail) => {
    const timer = { id: setTimeout(() => undefined, 0) }
    const late = new Promise<ProviderVerdicts>((resolve) => {
      timer.id = setTimeout(() => {
        resolve(verdicts({ dmarc: 'temperror', dkim: 'temperror', spf: 'temperror' }))
      }, timeoutMs)
    })
    try {
      return await Promise.race([check(mail, options), late])
    } catch {
      return verdicts({ dmarc: 'permerror', dkim: 'permerror' })
    } finally {
      clearTimeout(timer.id)
    }
  }
}

function verdicts(found: Partial<ProviderVerdicts>): ProviderVerdicts {
  const nothing = { spf: null, dkim: null, dkimDomains: [], dmarc: null, dmarcPolicy: null }
  return { by, ...nothing, spam: null, spamScore: null, virus: null, ...found }
}

async function check(mail: CheckedMail, options: Omit<SenderCheckOptions, 'timeoutMs'>): Promise<ProviderVerdicts> {
  const { fields } = splitHead(mail.raw)
  if (fields.filter(isSignature).length > maxSignatures) return verdicts({ dmarc: 'permerror', dkim: 'permerror' })
  const { resolve, hadTrouble } = withLimit(options.resolve, maxLookups)
  const resolver = resolve as never
  const [signatures, path] = await Promise.all([
    dkimVerify(inChunks(withoutPartialSignatures(mail.raw)), { resolver, sender: mail.envelope.reversePath ?? '' }),
    checkPath(mail, options.host, resolve),
  ])
  const good = signatures.results.filter(isGood)
  const policy = await checkPolicy(signatures, { good, path, resolve })
  const found = {
    spf: path.result,
    dkim: dkimOf(signatures.results, good),
    dkimDomains: [...new Set(good.map(({ signingDomain }) => signingDomain.toLowerCase()))],
    ...policy,
  }
  if (found.dmarc !== 'fail') return verdicts(found)
  const sealer = await findSealer(signatures, fields, {
    resolve,
    arcSealers: options.arcSealers,
    from: policy.dmarcDomain,
  })
  if (sealer !== null) return { ...verdicts({ ...found, dmarc: 'pass' }), by: `${by} (ARC seal of ${sealer})` }
  // A failure that an answer in time might have prevented is none.
  return verdicts(hadTrouble() ? { ...found, dmarc: 'temperror' } : found)
}

interface PolicyFacts {
  readonly good: readonly DKIMResult[]
  readonly path: Path
  readonly resolve: Resolve
}

async function checkPolicy(
  { headerFrom }: DKIMVerifyResult,
  { good, path, resolve }: PolicyFacts,
): Promise<{ dmarc: string; dmarcPolicy: string | null; dmarcDomain: string | null }> {
  const result = await dmarc({
    headerFrom,
    spfDomains: path.result === 'pass' && path.domain !== '' ? [path.domain] : [],
    dkimDomains: good.map(({ id, signingDomain, status }) => ({ id, domain: signingDomain, aligned: status.aligned })),
    resolver: resolve,
  } as never)
  const dmarcDomain = domainOf(headerFrom[0] ?? '')
  if (result === false) return { dmarc: 'none', dmarcPolicy: null, dmarcDomain }
  // absent where the domain has no record
  const { policy = null } = result as Partial<typeof result>
  return { dmarc: result.status.result, dmarcPolicy: policy, dmarcDomain }
}

// Each may ask for a hash of the whole body.
function isSignature({ name }: HeaderField): boolean {
  return name === 'dkim-signature'
}

const signatureField = /^dkim-signature(?=[ \t]*:(?:(?:[^\r\n]|\r?\n[ \t]){0,8000}?;)?\s{0,200}l\s{0,200}=)/gim

// A signature over a part of the body (l=) covers whatever somebody adds below it: it counts as another field.
function withoutPartialSignatures(raw: Buffer): Buffer {
  const end = raw.indexOf('\r\n\r\n')
  const head = raw.subarray(0, end < 0 ? raw.length : end)
  const text = head.toString('latin1')
  const masked = text.replace(signatureField, (name) => 'x'.repeat(name.length))
  return masked === text ? raw : Buffer.concat([Buffer.from(masked, 'latin1'), raw.subarray(head.length)])
}

function inChunks(raw: Buffer): Readable {
  const chunks = function* (): Generator<Buffer> {
    for (let at = 0; at < raw.length; at += chunkBytes) yield raw.subarray(at, at + chunkBytes)
  }
  return Readable.from(chunks(), { objectMode: false })
}

interface Path {
  /** Of SPF. */
  readonly result: string
  readonly domain: string
}

async function checkPath({ envelope, address, helo }: CheckedMail, host: string, resolve: Resolve): Promise<Path> {
  const sender = envelope.reversePath ?? ''
  const result = await spf({ sender, ip: address, helo: helo ?? address, mta: host, resolver: resolve } as never)
  if (typeof result !== 'object') return { result: 'none', domain: '' }
  return { result: result.status.result, domain: result.domain }
}

/** What the types of mailauth leave out. */
type Signature = DKIMResult & { readonly algo?: string; readonly signingHeaders?: { readonly keys?: string } }

// RFC 8301: SHA-1 proves nothing; RFC 6376 §5.4: nor does a signature that leaves From out.
function isGood({ status, algo, signingHeaders }: Signature): boolean {
  const coversFrom = /(?:^|[:\s])from(?:[:\s]|$)/i.test(signingHeaders?.keys ?? '')
  return status.result === 'pass' && coversFrom && !/sha1$/i.test(algo ?? '')
}

function dkimOf(results: readonly DKIMResult[], good: readonly DKIMResult[]): string {
  if (good.length > 0) return 'pass'
  return results.find(({ status }) => status.result !== 'pass')?.status.result ?? 'policy'
}

interface SealRules {
  readonly resolve: Resolve
  readonly arcSealers: readonly string[]
  readonly from: string | null
}

// The newest seal alone counts: its domain says what it found when the mail came to it, and its message signature
// covers the mail as it left.
async function findSealer(
  { arc: chain }: DKIMVerifyResult,
  fields: readonly HeaderField[],
  { resolve, arcSealers, from }: SealRules,
): Promise<string | null> {
  const seal = readNewestSeal(chain as unknown as ArcData | undefined)
  if (seal === null || from === null || !seal.coversFrom || !arcSealers.includes(seal.sealer)) return null
  const result = await arc(chain as never, { resolver: resolve as never })
  return result.status.result === 'pass' && saysPass(fields, seal.instance, from) ? seal.sealer : null
}

function readNewestSeal(
  chain: ArcData | undefined,
): { readonly sealer: string; readonly instance: number; readonly coversFrom: boolean } | null {
  const newest = chain?.lastEntry
  if (newest === undefined) return null
  const covered = newest['arc-message-signature'].parsed?.h?.value ?? ''
  return {
    sealer: newest['arc-seal'].parsed?.d?.value?.toLowerCase() ?? '',
    instance: newest.i,
    coversFrom: /(?:^|:)\s*from\s*(?:$|:)/i.test(covered),
  }
}

// ARC-Authentication-Results is "i=1; " and then what Authentication-Results is (RFC 8617 §4.1.1).
function saysPass(fields: readonly HeaderField[], instance: number, from: string): boolean {
  const opening = new RegExp(`^\\s*i\\s*=\\s*${String(instance)}\\s*;`)
  const field = fields.find(({ name, value }) => name === 'arc-authentication-results' && opening.test(value))
  const { results, isComplete } = parseAuthenticationResults((field?.value ?? '').replace(opening, ''))
  const found = results.filter(({ method }) => method === 'dmarc')
  const isPass = found.every(
    ({ result, properties }) => result === 'pass' && domainOf(properties['header.from']) === from,
  )
  return isComplete && found.length > 0 && isPass
}

interface ArcData {
  readonly lastEntry?: {
    readonly i: number
    readonly 'arc-seal': { readonly parsed?: { readonly d?: { readonly value?: string } } }
    readonly 'arc-message-signature': { readonly parsed?: { readonly h?: { readonly value?: string } } }
  }
}
