// The charset of bytes that have no label and are not UTF-8: by how common the characters are that each candidate
// makes of them. In doubt windows-1252: western text must never become another script.
import { TextDecoder } from 'node:util'

const maxSample = 4096
const minHighBytes = 6
/** Different bytes: a line that repeats one character says nothing about its charset. */
const minKinds = 5

interface Candidate {
  readonly charset: string
  /** Characters that make up most of a text; among those beyond ASCII. */
  readonly common: RegExp
  /** The share of them that a text has at least. */
  readonly least: number
  /** The language writes words of ASCII letters beside those of its own only as foreign words. */
  readonly isSingleByte: boolean
}

// Lower case only: KOI8-R and windows-1251 differ in it.
const candidates: readonly Candidate[] = [
  { charset: 'windows-1251', common: /[оеаинтсрвлкмдпуяыьіїєў]/g, least: 0.65, isSingleByte: true },
  { charset: 'koi8-r', common: /[оеаинтсрвлкмдпуяыь]/g, least: 0.65, isSingleByte: true },
  { charset: 'windows-1253', common: /[αοιτεςνησρκπυμλίάόέήύώ]/g, least: 0.75, isSingleByte: true },
  { charset: 'windows-1255', common: /[יוהלאמתרבשנםח]/g, least: 0.75, isSingleByte: true },
  { charset: 'windows-1256', common: /[اليمنوتربكع]/g, least: 0.65, isSingleByte: true },
]

/** A WHATWG name; `windows-1252` in doubt. Never throws. */
export function guessCharset(bytes: Uint8Array): string {
  const first = bytes.findIndex((byte) => byte >= 0x80)
  const sample = bytes.subarray(Math.max(first, 0), Math.max(first, 0) + maxSample)
  const high = sample.reduce((count, byte) => count + (byte >= 0x80 ? 1 : 0), 0)
  if (high < minHighBytes || new Set(sample.filter((byte) => byte >= 0x80)).size < minKinds) return 'windows-1252'
  return guessEastAsian(sample) ?? (isOtherScript(sample, high) ? guessSingleByte(sample) : null) ?? 'windows-1252'
}

// Western words mix ASCII letters with others; words of other scripts do not.
function isOtherScript(sample: Uint8Array, high: number): boolean {
  let pure = 0
  let run = 0
  let isMixed = false
  for (let i = 0; i <= sample.length; i++) {
    const byte = sample[i] ?? 0x20
    if (byte >= 0x80) run++
    else if (isLetter(byte)) isMixed = true
    else {
      if (!isMixed && run >= 2) pure += run
      run = 0
      isMixed = false
    }
  }
  return pure >= high * 0.8
}

function isLetter(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)
}

function guessSingleByte(sample: Uint8Array): string | null {
  const scored = candidates
    .map(({ charset, common, least }) => ({ charset, score: shareOf(decode(sample, charset) ?? '', common) - least }))
    .sort((one, other) => other.score - one.score)
  const [best] = scored
  return best !== undefined && best.score >= 0 ? best.charset : null
}

// Of the characters beyond ASCII.
function shareOf(text: string, common: RegExp): number {
  const all = text.match(/[^\0-\x7f]/g)?.length ?? 0
  return all === 0 ? 0 : (text.match(common)?.length ?? 0) / all
}

// The end may be cut inside a character.
function decode(sample: Uint8Array, charset: string): string | null {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(sample, { stream: true })
  } catch {
    return null
  }
}

const minCharacters = 4
const minWords = 6

function guessEastAsian(sample: Uint8Array): string | null {
  const pairs = pairsOf(sample)
  return guessJapanese(sample) ?? (pairs.length < minCharacters ? null : guessByPairs(sample, pairs))
}

const kana = /[\u3040-\u30ff]/g
const wide = /[\u3000-\u30ff\u4e00-\u9fff\uff01-\uff60]/g

function guessJapanese(sample: Uint8Array): string | null {
  const texts = ['shift_jis', 'euc-jp'].map((charset) => ({ charset, text: decode(sample, charset) ?? '' }))
  const found = texts.find(
    ({ text }) =>
      (text.match(kana)?.length ?? 0) >= minCharacters && shareOf(text, kana) >= 0.3 && shareOf(text, wide) >= 0.95,
  )
  return found?.charset ?? null
}

type Pair = readonly [lead: number, trail: number]

function pairsOf(sample: Uint8Array): Pair[] {
  const pairs: Pair[] = []
  for (let i = 0; i + 1 < sample.length; i++) {
    const [lead = 0, trail = 0] = [sample[i], sample[i + 1]]
    if (lead < 0x80) continue
    pairs.push([lead, trail])
    i++
  }
  return pairs
}

function guessByPairs(sample: Uint8Array, pairs: readonly Pair[]): string | null {
  // punctuation stands in the same rows of all three
  const words = pairs.filter(([lead]) => lead > 0xa3)
  const share = (test: (pair: Pair) => boolean): number =>
    words.length < minWords ? 0 : words.filter(test).length / words.length
  const korean = share(([lead, trail]) => lead >= 0xb0 && lead <= 0xc8 && trail >= 0xa1)
  if (korean >= 0.97 && sample.includes(0x20) && decode(sample, 'euc-kr') !== null) return 'euc-kr'
  // The frequent characters of GB 2312 and of Big5.
  const simplified = share(([lead, trail]) => lead >= 0xb0 && lead <= 0xd7 && trail >= 0xa1)
  const traditional = share(([lead, trail]) => lead >= 0xa4 && lead <= 0xc6 && trail >= 0x40)
  const [charset, best, other] =
    simplified >= traditional ? ['gb18030', simplified, traditional] : ['big5', traditional, simplified]
  return best >= 0.85 && best - other >= 0.05 && decode(sample, charset) !== null ? charset : null
}
