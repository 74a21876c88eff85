// "On 3 June 2024 Ann <ann@example.org> wrote:" in the languages of mail clients, over up to five lines. Recognised by
// its elements (a verb of writing, a full date, an address, a colon at its end), not by its whole form: forms differ by
// client and release.
import { isQuoted, lineAt, maxMarkerLength, plainLine } from './line-text.ts'

/** Lines `start`–`end` introduce a quotation. `strong`: beyond doubt; otherwise only when quoted lines follow. */
export interface Attribution {
  readonly start: number
  readonly end: number
  readonly strong: boolean
  /** Words of the writer in front of the introduction, on its first line; '' when there are none. */
  readonly before: string
}

const verbs = new RegExp(
  '(?<!\\p{L})(?:wrote|writes|(?:a|à) (?:écrit|ecrit)|écrit|schrieb|schreibt|geschrieben|escribió|escribio|' +
    'escribe|(?:ha|hai) scritto|scritto|scrive|schreef|schreven|geschreven|skrev|skreiv|skrifaði|' +
    'kirjoitti|napisan[aey]|napisał(?:a|o|\\(a\\))?|napisal(?:a|i|\\(a\\))?|pisze|napsal(?:a|\\(a\\))?|napísal(?:a|' +
    '\\(a\\))?|escreveu|написал(?:а|\\(а\\))?|написав|написала|написа|пишет|пише|писал(?:а)?|' +
    'yazdı|yazmış|írta|a scris|έγραψε|napisao(?:\\/la)?|kirjutas|isinulat|aliandika|geskryf|написао(?:\\/ла)?|' +
    'rakstīja|rašė|đã viết|viết|menulis|va ' +
    'escriure|ha escrit|idatzi du|shkroi|نوشت|كتب|كتبت|כתב|כתבה|said|sent the following|missatge de|quoting|zitat ' +
    'von|citando)(?!\\p{L})' +
    '|写道|寫道|写到|書きました|のメール|さんは書|のメッセージ|작성|썼습니다|님이|เขียน|تمت كتابة|ने लिखा|מאת',
  'iu',
)
const fullDate = /\d{1,2}\D{1,20}\d{4}|\d{4}\D{1,12}\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}[:.h]\d{2}/
const timeOfDay = /\d{1,2}[:.h]\d{2}/
const mailAddress = /[^\s<>@:]@[^\s<>@]/
const ending = /(?:[:：]|写道|寫道|작성|(?<!\p{L})(?:wrote|schrieb|écrit|escribió|scritto|skrev))$/u
const mayEnd =
  /[:：道성]|(?:wrote|schrieb|écrit|escribió|scritto|skrev)\W{0,40}$|@[^\s<>@]{1,60}>\s{0,3}$|>\s?-{3,}\s{0,3}$/
const opener =
  /^(?:on|le|am|den|el|op|il|em|no dia|dnia|w dniu|dne|dňa|în|la|στις|на|pada|vào|quoting|zitat|à|il giorno|at|from|από|tarihinde|于|於|在|le\s)(?![\p{L}\p{N}])/iu

const maxLines = 5

/** Every introduction in the text, by the line that it starts on. Never throws. */
export function findAttributions(lines: readonly string[]): Map<number, Attribution> {
  const found = new Map<number, Attribution>()
  lines.forEach((line, end) => {
    if (
      line.length > maxMarkerLength ||
      !mayEnd.test(line.slice(-70)) ||
      (isQuoted(line) && !closesAddress(lines, end))
    )
      return
    const text = markerText(line)
    if (!ending.test(text) && !datedMailbox.test(text) && !isDashed(line, text)) return
    const attribution = readUpward(lines, end)
    if (attribution) found.set(attribution.start, attribution)
  })
  return found
}

/** True if the last of the lines ends an introduction, certain or not. Never throws. */
export function endsWithAttribution(lines: readonly string[]): boolean {
  return [...findAttributions(lines).values()].some(({ end }) => end === lines.length - 1)
}

// seen: "2026/11/17 Ann <ann@example.org>", without a verb and a colon
const datedMailbox =
  /^(?:\d{4}[/.-]\d{1,2}[/.-]\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}),? [^<>]{0,80}<[^\s<>@]{1,64}@[^\s<>@]{1,255}>$/

// seen: "---- Am Di, 17 Nov 2026 10:23:11 +0100 schrieb Ann <ann@example.org> ----"
function isDashed(line: string, text: string): boolean {
  return /^\s{0,3}-{3,}/.test(line) && verbs.test(text) && fullDate.test(text) && mailAddress.test(text)
}

// seen: "… <ann@example.org" / ">:", and "<" / "mailto:Ann <ann@example.org>" / "> wrote:", wrapped inside the
// brackets; the last line is not a quotation
function closesAddress(lines: readonly string[], index: number): boolean {
  const above = lineAt(lines, index - 1)
  const isOpen = above.lastIndexOf('<') > above.lastIndexOf('>') || lineAt(lines, index - 2).trim() === '<'
  return isOpen && /^>[^>@]{0,40}[:：]\s*$/.test(lineAt(lines, index))
}

/** The line as the patterns read it: plain, without dashes around it, Arabic and Persian digits as ASCII. */
function markerText(line: string): string {
  return trimDashes(plainLine(line)).replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) =>
    String((digit.charCodeAt(0) - 0x0660) % 0x90),
  )
}

// The fewest lines that are beyond doubt; else the fewest that may be.
function readUpward(lines: readonly string[], end: number): Attribution | null {
  let weak: Attribution | null = null
  // "-----Ann <ann@example.org> wrote: -----" (Notes)
  if (/^-{3,}[^-].*[^-]-{3,}$/.test(plainLine(lineAt(lines, end)))) return { start: end, end, strong: true, before: '' }
  for (const { start, text } of growUpward(lines, end)) {
    const strength = weigh(text)
    if (strength === 'strong') return strongFrom(lines, extendUpward(lines, start), end)
    if (strength === 'weak') weak ??= { start, end, strong: false, before: '' }
  }
  return weak
}

function strongFrom(lines: readonly string[], start: number, end: number): Attribution {
  return { start, end, strong: true, before: wordsBefore(lineAt(lines, start)) }
}

// seen: "please cancel the order. On Mon, Jan 5, 2026 at 9:00 AM Bob <bob@example.org> wrote:"
const opensInside = new RegExp(
  '\\s(?:On|Le|Am|Den|El|Op|Il|Il giorno|Em|W dniu|Dnia|Dne)\\s' +
    '(?:\\p{L}{2,12}[.,]{0,2}\\s){0,2}(?:\\p{L}{3,10}\\.?\\s\\d{1,2}[,.\\s]|\\d{1,2}[./\\s]|\\d{4}-)',
  'u',
)

function wordsBefore(line: string): string {
  const inside = opensInside.exec(line.slice(0, maxMarkerLength))
  return inside === null ? '' : line.slice(0, inside.index).trim()
}

function growUpward(lines: readonly string[], end: number): { start: number; text: string }[] {
  const grown: { start: number; text: string }[] = []
  let text = ''
  for (let start = end; start >= 0 && end - start < maxLines; start--) {
    const line = markerText(lineAt(lines, start))
    if (start < end && stopsIntroduction(line, text)) break
    text = `${line} ${text}`.trim()
    if (text.length > maxMarkerLength) break
    if (line !== '') grown.push({ start, text })
  }
  return grown
}

// seen: a blank line in front of "<ann@example.org> wrote:", which belongs to the lines above it
function stopsIntroduction(line: string, below: string): boolean {
  return line === '' ? !below.startsWith('<') : isQuoted(line) || isSentence(line) || /[:：]$/.test(line)
}

// seen: "Can we meet on 12.05.2026 at the shop?" above "Bob <bob@example.org> wrote:"
function isSentence(line: string): boolean {
  return /[.!?]["”»)]?$/.test(line) && !opener.test(line)
}

function trimDashes(text: string): string {
  return text.replace(/^[-–—*_~ ]+/, '').replace(/[-–—*_~ ]+$/, '')
}

function weigh(text: string): 'strong' | 'weak' | null {
  const hasMail = mailAddress.test(text)
  if (!fullDate.test(text)) return weighWithoutDate(text, hasMail)
  // without its colon it needs quoted lines below
  if (!/[:：道성]$/.test(text)) return hasMail ? 'weak' : null
  const hasTime = timeOfDay.test(text)
  if (verbs.test(text)) return isOfClient(text, hasMail, hasTime) ? 'strong' : 'weak'
  // "3 июн. 2024 г. в 10:00, Anna <anna@example.org>:", "2024年6月3日 10:00 Anna <…>:"
  // "* Ann <ann@example.org> [2026-11-17 10:23:11 +0000]:" (mutt)
  if (hasTime && withoutVerb.some((form) => form.test(text))) return 'strong'
  return hasMail || hasTime ? 'weak' : null
}

// The last is Tuta's: "17 Nov 2026, 10:23 by ann@example.org:"
const withoutVerb = [
  /@[^<>]*>\)?[ ,]?(?:\[[\d :+-]{10,40}\])?[:：]$/,
  /^\d{1,2} .{3,12} \d{4}, \d{1,2}:\d\d .{1,6} [^\s@]{1,64}@[^\s@]{1,255}:$/,
]

// Of a client's introduction and a person's sentence, "On 12 May 2026 I wrote:", "As Bob said on 12.05.2026 at 10:00:".
function isOfClient(text: string, hasMail: boolean, hasTime: boolean): boolean {
  if (withPronoun.test(text)) return false
  if (hasMail || /^on \p{L}{3}, \d/iu.test(text)) return true
  return hasTime && (opensInside.test(` ${text}`) || starts.some((start) => start.test(text)))
}

const withPronoun = new RegExp(
  '(?<!\\p{L})(?:(?:i|we|you|he|she|they|your \\p{L}+|my \\p{L}+)(?: have| had)? (?:wrote|said|sent)|ich|wir|' +
    'schrieben? sie|haben sie|(?:je|nous|vous|tu) .{0,20}écri\\p{L}+|' +
    'j.ai|yo|usted|eu|você|nós|' +
    '(?:ho|hai|abbiamo) scritto|ik|wij|u hebt|jij|skrev (?:jag|vi|du|ni|jeg)|(?:minä|me|te) kirjoit\\p{L}+|я|мы|вы|' +
    'ми|ви)(?!\\p{L})',
  'iu',
)
// "Mon, …", "man. …", "17.11.2026 …", "2026年…"
const startsWithDate = /^(?:\p{L}{1,12}[.,]{1,2} )?\d/u
// "Bob Stone wrote on 17/11/2026 10:23:"
const startsWithName = new RegExp(`^(?!What|As|Like|That|How|When)(?:\\p{Lu}[^\\s,]* ){1,4}(?:${verbs.source})`, 'u')

const starts = [opener, startsWithDate, startsWithName]

// "Ann <ann@example.org> wrote:" and nothing else is beyond doubt; "Ann wrote:" is not.
function weighWithoutDate(text: string, hasMail: boolean): 'strong' | 'weak' | null {
  if (isNameAndVerb(text) || opensWithVerb.test(text)) return 'strong'
  return isShortIntroduction(text, hasMail) ? 'weak' : null
}

// "Quoting Ann <ann@example.org>:", "In article <4711@example.org>, Ann <ann@example.org> writes:"
const opensWithVerb =
  /^(?:(?:quoting|zitat von|citando(?: a)?|citation de) [^<>:]{0,80}<?[^\s<>@]{1,64}@[^\s<>@]{1,255}>?|in (?:article|message) <[^<>\s]{1,255}>,? .{1,120} (?:writes|wrote|says))[:：]$/iu

function isNameAndVerb(text: string): boolean {
  const mailbox = /^[^<>@:.!?]{0,80}<[^\s<>@]{1,64}@[^\s<>@]{1,255}>\s{0,3}(.{2,40})[:：]$/u.exec(text)
  return mailbox !== null && verbs.test(mailbox[1] ?? '') && (mailbox[1] ?? '').split(' ').length <= 4
}

// "Ann wrote:", "Quoting Ann <ann@example.org>:"
function isShortIntroduction(text: string, hasMail: boolean): boolean {
  return verbs.test(text) && /[:：]$/.test(text) && (hasMail || text.split(' ').length <= 8)
}

// "On Tue, 2 Jan 2024 at" / "10:30 Ann <ann@example.org> wrote:": the first line belongs to it too.
function extendUpward(lines: readonly string[], start: number): number {
  const text = markerText(lineAt(lines, start))
  const above = markerText(lineAt(lines, start - 1))
  const isOpening = opener.test(above) && /\d/.test(above) && above.length < 120 && !/[.!?:]$/.test(above)
  return isOpening && !opener.test(text) && !isQuoted(lineAt(lines, start - 1)) ? start - 1 : start
}
