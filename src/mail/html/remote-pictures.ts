// Which pictures an HTML mail would load from elsewhere. Pure, and linear in the length of the text.

import { decodeEntities } from './entities.ts'

const attribute = /\b(src|background|poster|srcset)\s{0,20}=\s{0,20}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi
const styled = /\burl\(\s{0,20}(?:"([^"]*)"|'([^']*)'|([^)"'\s]+))/gi

const maxPictures = 500
const maxUrlLength = 2_000

/** Addresses as they stand in the mail, entities decoded, each once; at most 500. Never throws. */
export function findRemotePictures(html: string): string[] {
  const found = new Set<string>()
  const add = (text = ''): void => {
    const url = decodeEntities(text).trim()
    if (url.length <= maxUrlLength && found.size < maxPictures && remoteUrl(url) !== null) found.add(url)
  }
  for (const { 1: name = '', 2: double, 3: single, 4: bare } of html.matchAll(attribute)) {
    const value = firstOf(double, single, bare)
    if (name.toLowerCase() === 'srcset') for (const part of value.split(',')) add(part.trim().split(/\s/, 1)[0])
    else add(value)
  }
  for (const { 1: double, 2: single, 3: bare } of decodeEntities(html).matchAll(styled))
    add(firstOf(double, single, bare))
  return [...found]
}

const firstOf = (...values: readonly (string | undefined)[]): string =>
  values.find((value) => value !== undefined) ?? ''

/** The address that is fetched for one in a mail; null for what is not on the web. Never throws. */
export function remoteUrl(text: string): URL | null {
  const url = text.startsWith('//') ? `https:${text}` : text
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return null
  return new URL(url)
}
