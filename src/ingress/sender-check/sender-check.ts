// Our own check of a sender where Rethread is the first server: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489) and
// ARC (RFC 8617), by mailauth. docs/adr/0047 says what counts. Nothing that the sender of a forged mail controls, such
// as the DNS of another domain than From's, may turn its failure into "not known".

import { Readable } from 'node:stream'

import { arc, type DKIMResult, dkimVerify, type DKIMVerifyResult, dmarc, spf } from 'mailauth'

import { isSameAddress } from '../../mail/address.ts'
import { domainOf, isAligned } from '../../mail/authentication/alignment.ts'
import type { Envelope, ProviderVerdicts } from '../../mail/envelope.ts'
import { readAuthorOf } from '../../mail/header/author-of.ts'
import { splitHead } from '../../mail/header/split-head.ts'
import { findSealer } from './arc-seal.ts'
import { keepCountedSignatures } from './checked-head.ts'
import { type Resolve, withDeadline, withLimit } from './resolver.ts'

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
const maxLookups = 60
/** Of domains that have no say about From. */
const foreign = { maxLookups: 20, timeoutMs: 2_000 }
const chunkBytes = 64 * 1024
/** Read to find From. */
const maxHeadBytes = 256 * 1024

/**
 * Checks one mail. What cannot be looked up in time is `temperror`, and vouches for nothing. Never throws.
 */
export function createSenderCheck({ timeoutMs = 8_000, ...options }: SenderCheckOptions): CheckSender {
  return async (mail) => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<ProviderVerdicts>((resolve) => {
      timer = setTimeout(() => {
        resolve(verdicts({ dmarc: 'temperror', dkim: 'temperror', spf: 'temperror' }))
      }, timeoutMs)
    })
    try {
      return await Promise.race([check(mail, options), late])
    } catch {
      return verdicts({ dmarc: 'permerror', dkim: 'permerror' })
    } finally {
      clearTimeout(timer)
    }
  }
}

function verdicts(found: Partial<ProviderVerdicts>): ProviderVerdicts {
  const nothing = { spf: null, dkim: null, dkimDomains: [], dmarc: null, dmarcPolicy: null }
  return { by, ...nothing, spam: null, spamScore: null, virus: null, ...found }
}

type Options = Omit<SenderCheckOptions, 'timeoutMs'>

async function check(mail: CheckedMail, options: Options): Promise<ProviderVerdicts> {
  const author = readAuthorOf(splitHead(mail.raw.subarray(0, maxHeadBytes)).fields)
  const from = domainOf(author?.address)
  // Held for its From, or, if that stands below so much, as forged.
  if (author === null || from === null) return verdicts({ dmarc: 'fail', dkim: 'none' })
  return checkAuthor(mail, { address: author.address, from }, options)
}

interface Author {
  readonly address: string
  /** The domain of the address. */
  readonly from: string
}

async function checkAuthor(mail: CheckedMail, author: Author, options: Options): Promise<ProviderVerdicts> {
  const { from } = author
  const { arcSealers } = options
  const { own, other, hadTrouble } = resolversFor(options.resolve)
  const resolve: Resolve = (name, type) => (hasSay(name, { from, arcSealers }) ? own : other)(name, type)
  const [signatures, path] = await Promise.all([
    checkSignatures(mail, author, resolve),
    checkPath(mail, options.host, isAligned(from, pathDomainOf(mail)) ? own : other),
  ])
  const good = signatures.results.filter(isGood)
  const found = {
    spf: path.result,
    dkim: dkimOf(signatures.results, good),
    dkimDomains: [...new Set(good.map(({ signingDomain }) => signingDomain.toLowerCase()))],
    ...(await checkPolicy(author, { good, path, resolve: own })),
    dmarcDomain: from,
  }
  if (found.dmarc !== 'fail') return verdicts(found)
  const isValid = async (): Promise<boolean> =>
    (await arc(signatures.arc as never, { resolver: resolve as never })).status.result === 'pass'
  const sealer = await findSealer(signatures.arc, { isValid, arcSealers, from })
  if (sealer !== null) return { ...verdicts({ ...found, dmarc: 'pass' }), by: `${by} (ARC seal of ${sealer})` }
  // A failure that an answer in time might have prevented is none.
  return verdicts(hadTrouble() ? { ...found, dmarc: 'temperror' } : found)
}

// The domain that SPF is about (RFC 7208 §2.4).
function pathDomainOf({ envelope, helo }: CheckedMail): string {
  return domainOf(envelope.reversePath === '' ? (helo ?? '') : (envelope.reversePath ?? '')) ?? ''
}

// Trouble with a domain that has no say about From changes nothing, and is not waited for.
function resolversFor(resolve: Resolve): { own: Resolve; other: Resolve; hadTrouble: () => boolean } {
  const { resolve: own, hadTrouble } = withLimit(resolve, maxLookups)
  const { resolve: other } = withLimit(withDeadline(resolve, foreign.timeoutMs), foreign.maxLookups)
  return { own, other, hadTrouble }
}

// Of the name of a key: `selector._domainkey.domain`.
function hasSay(name: string, { from, arcSealers }: { from: string; arcSealers: readonly string[] }): boolean {
  const signer = name.slice(name.lastIndexOf('._domainkey.') + '._domainkey.'.length).toLowerCase()
  return isAligned(from, signer) || arcSealers.includes(signer)
}

const unsigned: DKIMVerifyResult = { results: [], headerFrom: [] } as never

// A mail that the library cannot read, or in which it finds another author, has no signature.
async function checkSignatures(
  { raw, envelope }: CheckedMail,
  { address, from }: Author,
  resolve: Resolve,
): Promise<DKIMVerifyResult> {
  const counted = keepCountedSignatures(raw, from)
  if (counted === null) return unsigned
  const options = { resolver: resolve as never, sender: envelope.reversePath ?? '' }
  const found = await dkimVerify(inChunks(counted), options).catch(() => unsigned)
  const [author = '', ...others] = found.headerFrom
  return others.length === 0 && isSameAddress(author, address) ? found : unsigned
}

interface PolicyFacts {
  readonly good: readonly DKIMResult[]
  readonly path: Path
  readonly resolve: Resolve
}

interface Policy {
  readonly dmarc: string
  readonly dmarcPolicy: string | null
}

async function checkPolicy({ address, from }: Author, { good, path, resolve }: PolicyFacts): Promise<Policy> {
  const spfDomains = path.result === 'pass' && path.domain !== '' ? [path.domain] : []
  const dkimDomains = good.map(({ id, signingDomain, status }) => ({
    id,
    domain: signingDomain,
    aligned: status.aligned,
  }))
  const result = await dmarc({ headerFrom: [address], spfDomains, dkimDomains, resolver: resolve } as never)
  if (result === false) return { dmarc: 'none', dmarcPolicy: null }
  // both absent where the domain has no record
  const { policy, alignment } = result as Partial<typeof result>
  const dmarcPolicy = policy?.trim().toLowerCase() ?? null
  if (result.status.result !== 'pass' || alignment === undefined) return { dmarc: result.status.result, dmarcPolicy }
  // The library takes a subdomain for aligned in spite of a strict record (RFC 7489 §3.1).
  const isOf =
    (strict: boolean) =>
    (domain: string): boolean =>
      strict ? domainOf(domain) === from : isAligned(from, domain)
  const isPass =
    dkimDomains.map(({ domain }) => domain).some(isOf(alignment.dkim.strict)) ||
    spfDomains.some(isOf(alignment.spf.strict))
  return { dmarc: isPass ? 'pass' : 'fail', dmarcPolicy }
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
  // A stranger's MAIL FROM, HELO or record that the library cannot read must not end the whole check.
  const result = await spf({ sender, ip: address, helo: helo ?? address, mta: host, resolver: resolve } as never).catch(
    () => null,
  )
  if (typeof result !== 'object' || result === null) return { result: 'none', domain: '' }
  return { result: result.status.result, domain: result.domain }
}

/** What the types of mailauth leave out. */
type Signature = DKIMResult & {
  readonly algo?: string
  readonly signingHeaders?: { readonly keys?: string }
  readonly canonBodyLengthLimited?: boolean
}

// RFC 8301: SHA-1 proves nothing; RFC 6376 §5.4, §8.2: nor does a signature that leaves From or a part of the body out.
function isGood({ status, algo, signingHeaders, canonBodyLengthLimited: isPartial }: Signature): boolean {
  const coversFrom = /(?:^|[:\s])from(?:[:\s]|$)/i.test(signingHeaders?.keys ?? '')
  return status.result === 'pass' && coversFrom && isPartial !== true && !/sha1$/i.test(algo ?? '')
}

function dkimOf(results: readonly DKIMResult[], good: readonly DKIMResult[]): string {
  if (good.length > 0) return 'pass'
  return (
    results.find(({ status }) => status.result !== 'pass')?.status.result ?? (results.length > 0 ? 'policy' : 'none')
  )
}
