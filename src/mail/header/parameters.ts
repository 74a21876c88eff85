// "text/plain; charset=utf-8; name*0*=…": a value with parameters (RFC 2045 §5.1, RFC 2231), as Content-Type and
// Content-Disposition carry it. Only what the repair pass and the text-only rung need; mailparser reads the rest
// itself.
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
    if (!parameters.has(name)) parameters.set(name, decodeEncodedWords(content))
  }
  return { value, parameters }
}
