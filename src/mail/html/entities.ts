// Character references in HTML: the named ones that mail uses, and all numeric ones (WHATWG HTML §13.5).

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  copy: '©',
  reg: '®',
  trade: '™',
  euro: '€',
  pound: '£',
  yen: '¥',
  cent: '¢',
  sect: '§',
  para: '¶',
  middot: '·',
  bull: '•',
  hellip: '…',
  ndash: '–',
  mdash: '—',
  lsquo: '‘',
  rsquo: '’',
  sbquo: '‚',
  ldquo: '“',
  rdquo: '”',
  bdquo: '„',
  laquo: '«',
  raquo: '»',
  lsaquo: '‹',
  rsaquo: '›',
  times: '×',
  divide: '÷',
  plusmn: '±',
  deg: '°',
  micro: 'µ',
  frac12: '½',
  frac14: '¼',
  frac34: '¾',
  sup1: '¹',
  sup2: '²',
  sup3: '³',
  ordf: 'ª',
  ordm: 'º',
  iexcl: '¡',
  iquest: '¿',
  acute: '´',
  cedil: '¸',
  uml: '¨',
  macr: '¯',
  not: '¬',
  shy: '',
  larr: '←',
  rarr: '→',
  uarr: '↑',
  darr: '↓',
  harr: '↔',
  rArr: '⇒',
  check: '✓',
  hearts: '♥',
  infin: '∞',
  ne: '≠',
  le: '≤',
  ge: '≥',
  ensp: ' ',
  emsp: ' ',
  thinsp: ' ',
  zwnj: '\u200c',
  zwj: '\u200d',
  lrm: '',
  rlm: '',
  zerowidthspace: '',
  szlig: 'ß',
  AElig: 'Æ',
  aelig: 'æ',
  OElig: 'Œ',
  oelig: 'œ',
  Oslash: 'Ø',
  oslash: 'ø',
  Aring: 'Å',
  aring: 'å',
  ETH: 'Ð',
  eth: 'ð',
  THORN: 'Þ',
  thorn: 'þ',
  Scaron: 'Š',
  scaron: 'š',
}

// "&eacute;" and its kin: a letter and its accent, put together by Unicode.
const accents: Readonly<Record<string, string>> = {
  grave: '\u0300',
  acute: '\u0301',
  circ: '\u0302',
  tilde: '\u0303',
  uml: '\u0308',
  cedil: '\u0327',
  caron: '\u030c',
}

// seen: numeric references to windows-1252 control positions, "&#146;" for an apostrophe
const c1 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

/** The text with its character references resolved; unknown ones stay as they are. Never throws. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(
    /&(#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,15});?/gi,
    (whole: string, reference: string) => decodeReference(reference) ?? whole,
  )
}

function decodeReference(reference: string): string | null {
  if (!reference.startsWith('#')) return decodeName(reference)
  return decodeNumber(/^#x/i.test(reference) ? Number.parseInt(reference.slice(2), 16) : Number(reference.slice(1)))
}

function decodeName(name: string): string | null {
  const direct = named[name] ?? named[name.toLowerCase()]
  if (direct !== undefined) return direct
  const match = /^([a-z])(grave|acute|circ|tilde|uml|cedil|caron)$/i.exec(name)
  const accent = accents[match?.[2] ?? '']
  return match?.[1] === undefined || accent === undefined ? null : (match[1] + accent).normalize('NFC')
}

function decodeNumber(code: number): string | null {
  if (code >= 0x80 && code <= 0x9f) return c1.charAt(code - 0x80)
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return null
  return String.fromCodePoint(code)
}
