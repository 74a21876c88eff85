// The marks that mail clients leave in HTML around what they quote and sign: ids, classes and borders, not words, so
// they hold in every language. Read by `html/to-text` when only the new words are wanted.
import type { AttributeName } from './tokens.ts'
import { readAttribute } from './tokens.ts'

/**
 * `rest`: everything from here on is the earlier mail. `drop`: this element is not new words. `cite`: a quotation,
 * shown as "> " lines so that answers between them stay. `header`: the earlier mail if its header follows.
 */
export type QuoteMark = 'rest' | 'drop' | 'cite' | 'header' | null

// Ids and names behind which only the earlier mail follows: Outlook (web, mobile, Mac, Hotmail), Zimbra, Spark,
// 163.com; Zoho, Yahoo, Lark.
const restIds =
  /^(?:x_)*(?:divrplyfwdmsg|appendonsend|olk_src_body_section|zwchr|stopspelling|originalmessage|ms-outlook-mobile-body-separator-line)$/i
const restClasses = /(?:^|\s)(?:x_)*(?:outlookmessageheader)(?:\s|$)/i
// These enclose what they quote, so an answer below them is kept.
const dropIds =
  /^(?:x_)*(?:signature|ms-outlook-mobile-signature|mail-editor-reference-message-container|isreplycontent|messagereplysection|yahoo_quoted_\d+|yiv\d+yahoo_quoted_?\d*)$/i
const dropClasses =
  /(?:^|\s)(?:x_)*(?:gmail_signature|gmail_attr|gmail_signature_prefix|moz-signature|moz-cite-prefix|protonmail_signature_block|protonmail_quote|tutanota_quote|tutanota-signature|zmail_signature|front-blockquote|bloop_sign|ms-outlook-mobile-reference-message|zmail_extra|yahoo_quoted|lark-mail-quote)(?:\s|$)/i
const citeClasses = /(?:^|\s)(?:x_)*(?:gmail_quote|cite|quote|quoted|clean_bq)(?:\s|$)/i

// The line that Outlook for Windows draws above "From: … Sent: …".
const headerBorder =
  /border(?:-top)?\s*:\s*(?:none\s*;\s*border-top\s*:\s*)?(?:solid\s+#?(?:e1e1e1|b5c4df|accent)|#?(?:e1e1e1|b5c4df)\s+1\.0pt\s+solid)/i

/** The meaning of a tag for its content. Never throws. */
export function readQuoteMark(name: string, attributes: string): QuoteMark {
  if (attributes.length < 4) return null
  const id = valueOf(attributes, 'id') || valueOf(attributes, 'name')
  const classes = valueOf(attributes, 'class')
  if (restIds.test(id) || restClasses.test(classes)) return 'rest'
  if (hasHeaderBorder(name, attributes)) return 'header'
  if (name === 'blockquote') return isCitation(attributes, classes) ? 'cite' : null
  return dropIds.test(id) || dropClasses.test(classes) ? 'drop' : null
}

function valueOf(attributes: string, name: AttributeName): string {
  return readAttribute(attributes, name) ?? ''
}

function hasHeaderBorder(name: string, attributes: string): boolean {
  return name === 'div' && headerBorder.test(valueOf(attributes, 'style'))
}

// Gmail indents with a blockquote that has no border; that is layout, not a quotation.
function isCitation(attributes: string, classes: string): boolean {
  if (valueOf(attributes, 'type').toLowerCase() === 'cite') return true
  const style = valueOf(attributes, 'style')
  return (
    citeClasses.test(classes) ||
    dropClasses.test(classes) ||
    /border-left\s*:(?!\s*(?:none|0|medium none))/i.test(style)
  )
}
