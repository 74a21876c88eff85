// What every part of a mail's HTML is made with: escaping, and the addresses that may stand in it. A link leads to a
// page or a mailbox; a picture is a part of the mail or lies on a page.

/** The same words as plain text and as HTML. */
export interface Bodies {
  readonly text: string
  readonly html: string
}

/** Text as content of an element or as a quoted attribute. Never throws. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`)
}

/** Several lines of text as HTML; the blanks at the start of a line stay. Never throws. */
export function linesAsHtml(text: string): string {
  return escapeHtml(text)
    .replace(/\r\n?/g, '\n')
    .replace(/^ +/gm, (blanks) => '&nbsp;'.repeat(blanks.length))
    .replaceAll('\n', '<br>\n')
}

/** The address if a person may be led there: http, https or mailto, on one line. Otherwise null. Never throws. */
export function linkUrl(url: string): string | null {
  return /^(?:https?:\/\/[^\s/]|mailto:[^\s])/i.test(url) && isPlain(url) ? url : null
}

/** The address if a picture may be shown from there: http, https, a part of this mail. Else null. Never throws. */
export function imageUrl(url: string): string | null {
  return /^(?:https?:\/\/[^\s/]|cid:[^\s])/i.test(url) && isPlain(url) ? url : null
}

// No blanks and controls: mail clients disagree on what they do with them.
function isPlain(url: string): boolean {
  return !/[\s\p{Cc}<>"]/u.test(url)
}

/** Which way the words run, by their first strong letter: `rtl` for Hebrew, Arabic and their kin. Never throws. */
export function directionOf(text: string): 'ltr' | 'rtl' {
  const first = /\p{L}/u.exec(text.slice(0, 2_000))?.[0] ?? ''
  return /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u.test(first)
    ? 'rtl'
    : 'ltr'
}
