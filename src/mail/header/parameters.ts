// "text/plain; charset=utf-8; name*0*=…": a value with parameters (RFC 2045 §5.1, RFC 2231), as Content-Type and
// Content-Disposition carry it. Only what the repair pass and the text-only rung need; mailparser reads the rest
// itself.
import { Buffer } from 'node:buffer'

import { decodeText } from '../encoding/charset.ts'
import { decodeQuotedPrintable } from '../encoding/transfer-encoding.ts'
import { decodeEncodedWords } from './encoded-words.ts'

export interface ParameterValue {
  /** In lower case, without comments: `text/plain`, `attachment`. */
  readonly value: string
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>
}

const pair = /;\s{0,200}([^\s=;"]{1,100})\s{0,20}=\s{0,20}(?:"((?:[^"\\]|\\.){0,2000})"|([^;]{0,2000}))/gs

/** The value and its parameters; a missing field is the empty value. Never throws. */
export function readParameters(field: string | null): ParameterValue {
  const text = (field ?? '').slice(0, 20_000)
  const semicolon = text.indexOf(';')
  const value = (semicolon < 0 ? text : text.slice(0, semicolon))
    .replace(/\([^()]*\)/g, '')
    .trim()
    .toLowerCase()
  const parameters = new Map<string, string>()
  for (const match of text.matchAll(pair)) {
    const name = (match[1] ?? '').toLowerCase()
    const content =
      match[2] === undefined ? (match[3] ?? '').replace(/\([^()]*\)/g, '').trim() : match[2].replace(/\\(.)/gs, '$1')
    if (!parameters.has(name)) parameters.set(name, content)
  }
  return { value, parameters: joinSections(parameters) }
}

interface Section {
  readonly number: number
  readonly isEncoded: boolean
  readonly content: string
}

// `name*`, `name*0`, `name*0*` (RFC 2231) → `name`, in the order of their numbers; they win over the plain one.
function joinSections(parameters: ReadonlyMap<string, string>): Map<string, string> {
  const joined = new Map<string, string>()
  const sections = new Map<string, Section[]>()
  for (const [name, content] of parameters) {
    const [, plain, number, star] = /^([^*]+)\*(\d{0,4})(\*?)$/.exec(name) ?? []
    if (plain === undefined) joined.set(name, decodeEncodedWords(content))
    else {
      const section = { number: Number(number), isEncoded: number === '' || star === '*', content }
      sections.set(plain, [...(sections.get(plain) ?? []), section].slice(0, maxSections))
    }
  }
  for (const [name, parts] of sections) joined.set(name, decodeSections(parts))
  return joined
}

const maxSections = 200

function decodeSections(sections: readonly Section[]): string {
  const sorted = sections.toSorted((one, other) => one.number - other.number)
  const [, charset = '', first] = /^([^']{0,40})'[^']{0,40}'([^]*)$/.exec(sorted[0]?.content ?? '') ?? []
  // the bytes of one character may stand in two sections
  const bytes = sorted.map(({ isEncoded, content }, index) => {
    const text = index === 0 && isEncoded && first !== undefined ? first : content
    return isEncoded ? decodePercent(text) : Buffer.from(text)
  })
  return decodeText(Buffer.concat(bytes), charset)
}

function decodePercent(text: string): Buffer {
  return decodeQuotedPrintable(text.replaceAll('=', '=3D').replace(/%(?=[0-9a-f]{2})/gi, '='))
}
